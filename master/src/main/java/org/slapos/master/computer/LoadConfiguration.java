package org.slapos.master.computer;

import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.PartitionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes over what a node formatted: new partitions become free, missing ones inactive unless they are busy, and the
/// same again changes nothing (SLAP protocol, loadComputerConfigurationFromXML).
public final class LoadConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(LoadConfiguration.class);
    /// What the partitions of an ordinary user's node share: it can give the machine no addresses.
    private static final Set<String> OF_EVERYBODY = Set.of("127.0.0.1", "0:0:0:0:0:0:0:1");

    private static final int MAX_PARTITIONS = 10_000;
    private static final int MAX_ADDRESSES = 100;
    private static final int MAX_TEXT = 200;

    private final Database database;
    private final InstantSource clock;
    private final Revisions revisions;
    private final CapacityWatch capacity;
    private final Computers computers = new Computers();
    private final ComputerStore store = new ComputerStore();
    private final OfferStore offers = new OfferStore();
    private final Partitions partitions = new Partitions();

    public LoadConfiguration(Database database, InstantSource clock, Revisions revisions, CapacityWatch capacity) {
        this.database = database;
        this.clock = clock;
        this.revisions = revisions;
        this.capacity = capacity;
    }

    /// Nothing, or why the document is refused as a whole.
    public Optional<Problem> load(ComputerConfiguration wanted) {
        return load(
                wanted.reference(),
                wanted.partitions().stream().map(FormattedPartition::of).toList(),
                (tx, computer) -> {
                    store.describe(tx, computer, wanted);
                    offers.announce(tx, computer, announced(wanted.facts()));
                });
    }

    /// As [#load], by a node that says nothing of the Computer as a whole.
    public Optional<Problem> load(ComputerId computer, List<FormattedPartition> wanted) {
        return load(computer, wanted, (_, _) -> {});
    }

    private Optional<Problem> load(
            ComputerId reference, List<FormattedPartition> wanted, ObjLongConsumer<Transaction> describe) {
        var now = clock.instant();
        var fault = faultOf(wanted);
        if (fault.isPresent()) {
            return fault;
        }
        return database.inTransaction(tx -> {
            var found = computers.lock(tx, reference);
            if (found.isEmpty()) {
                return Optional.of(Problem.notFound("No Computer " + reference));
            }
            long computer = found.get().id();
            describe.accept(tx, computer);
            boolean isNews = takeOver(tx, computer, wanted, now);
            store.formatted(tx, computer, now);
            if (isNews) {
                Audit.note(tx, now, "computer.format", reference.text(), wanted.size() + " partitions");
                capacity.capacityGrew(tx, computer, now);
                revisions.bump(tx, new TreeSet<>(List.of(computer)));
            }
            return Optional.empty();
        });
    }

    private boolean takeOver(Transaction tx, long computer, List<FormattedPartition> wanted, Instant now) {
        Map<PartitionId, ComputerPartition> known = new HashMap<>(computers.partitions(tx, computer).stream()
                .collect(Collectors.toMap(ComputerPartition::reference, Function.identity())));
        boolean changed = false;
        int position = 0;
        for (var next : wanted) {
            changed |=
                    takeOver(tx, computer, position++, next, Optional.ofNullable(known.remove(next.reference())), now);
        }
        for (var missing : known.values()) {
            if (missing.listed()) {
                store.dropPartition(tx, missing.id());
                changed = true;
            }
        }
        return changed;
    }

    private boolean takeOver(
            Transaction tx,
            long computer,
            int position,
            FormattedPartition formatted,
            Optional<ComputerPartition> known,
            Instant now) {
        var wanted = formatted.over(known);
        if (known.isPresent() && known.get().matches(wanted)) {
            return false;
        }
        long partition;
        if (known.isPresent()) {
            partition = known.get().id();
            store.updatePartition(tx, partition, position, wanted);
            // Its instance has something to do when it lives elsewhere now; the rest is nothing that it is shown.
            if (known.get().state() == ComputerPartition.State.BUSY
                    && !known.get().addresses().equals(wanted.addresses())) {
                partitions.touch(tx, partition, now);
            }
        } else {
            partition = store.createPartition(tx, computer, position, wanted);
        }
        store.replaceAddresses(tx, partition, wanted.addresses());
        return true;
    }

    /// What of a node's facts is a [Characteristic]; one that cannot be read is as if it were not said.
    private static Map<Characteristic, Trait> announced(Map<String, String> facts) {
        var announced = new EnumMap<Characteristic, Trait>(Characteristic.class);
        facts.forEach((name, value) -> Characteristic.ofWire(name).ifPresent(characteristic -> {
            try {
                announced.put(characteristic, characteristic.read(value));
            } catch (MalformedException e) {
                LOG.debug("a node announced {}: {}", name, e.getMessage());
            }
        }));
        return announced;
    }

    private static Optional<Problem> faultOf(List<FormattedPartition> wanted) {
        if (wanted.size() > MAX_PARTITIONS) {
            return invalid("more than " + MAX_PARTITIONS + " partitions");
        }
        var seen = new HashSet<PartitionId>();
        var holders = new HashMap<String, PartitionId>();
        for (var partition : wanted) {
            if (!seen.add(partition.reference())) {
                return invalid("partition '" + partition.reference() + "' is listed twice");
            }
            if (partition.addresses().size() > MAX_ADDRESSES) {
                return invalid(
                        "partition '" + partition.reference() + "' has more than " + MAX_ADDRESSES + " addresses");
            }
            if (partition.addresses().stream().anyMatch(LoadConfiguration::isTooLong)) {
                return invalid("partition '" + partition.reference() + "' has an address of more than " + MAX_TEXT
                        + " characters");
            }
            for (var address : partition.addresses()) {
                var canonical = canonical(address.address());
                if (OF_EVERYBODY.contains(canonical)) {
                    continue;
                }
                var holder = holders.putIfAbsent(canonical, partition.reference());
                if (holder != null && !holder.equals(partition.reference())) {
                    return invalid("address " + address.address() + " is given to partition '" + holder + "' and to '"
                            + partition.reference() + "'");
                }
            }
            if (partition.capabilities().orElse(List.of()).stream()
                    .anyMatch(name -> name.isEmpty() || name.chars().anyMatch(Character::isISOControl))) {
                return invalid("partition '" + partition.reference()
                        + "' has a capability that is empty or holds control characters");
            }
        }
        return Optional.empty();
    }

    /// One spelling for each address, so that two spellings of one are the same.
    private static String canonical(String address) {
        try {
            return InetAddress.ofLiteral(address).getHostAddress();
        } catch (IllegalArgumentException _) {
            return address;
        }
    }

    private static boolean isTooLong(ComputerPartition.Address address) {
        return Stream.of(
                        address.networkInterface(),
                        address.address(),
                        address.netmask(),
                        address.gateway(),
                        address.network())
                .anyMatch(text -> text.length() > MAX_TEXT);
    }

    private static Optional<Problem> invalid(String message) {
        return Optional.of(Problem.invalid(message));
    }
}
