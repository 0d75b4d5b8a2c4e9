package org.slapos.master.computer;

import java.time.InstantSource;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.FindParties;
import org.slapos.master.party.Outcome;
import org.slapos.master.party.Party;
import org.slapos.protocol.ComputerId;

/// Puts a Computer into a network of its project, or takes it out of the one it is in.
public final class JoinNetwork {
    private final Database database;
    private final InstantSource clock;
    private final FindParties parties;
    private final Computers computers = new Computers();
    private final CapacityWatch capacity;
    private final ComputerStore store = new ComputerStore();
    private final OfferStore offers = new OfferStore();

    public JoinNetwork(Database database, InstantSource clock, FindParties parties, CapacityWatch capacity) {
        this.database = database;
        this.clock = clock;
        this.parties = parties;
        this.capacity = capacity;
    }

    /// @param me      who asks, and may change that Computer
    /// @param network `NET-n`; nothing = none
    public Optional<Problem> join(String me, ComputerId reference, Optional<String> network) {
        var now = clock.instant();
        return database.inTransaction(tx -> {
            var found = computers.lock(tx, reference);
            if (found.isEmpty()) {
                return Optional.of(Problem.notFound("No Computer " + reference));
            }
            var computer = found.get();
            var fault = network.flatMap(wanted -> faultOf(tx, me, computer, wanted));
            if (fault.isEmpty() && store.join(tx, computer.id(), network)) {
                Audit.note(tx, now, "computer.network", reference.text(), network.orElse("none"));
                offers.moved(tx, computer.id());
                capacity.capacityGrew(tx, computer.id(), now);
            }
            return fault;
        });
    }

    private Optional<Problem> faultOf(Transaction tx, String me, Computer computer, String network) {
        return switch (parties.visible(tx, me, network)) {
            case Outcome.Refused<Party>(var problem) -> Optional.of(problem);
            case Outcome.Done<Party>(var party) ->
                party.kind() == Party.Kind.NETWORK
                                && party.detail(Party.Detail.PROJECT).equals(computer.project())
                        ? Optional.empty()
                        : Optional.of(Problem.invalid(network + " is no network of " + computer.project()
                                + ", the project of " + computer.reference()));
        };
    }
}
