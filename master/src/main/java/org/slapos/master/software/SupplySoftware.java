package org.slapos.master.software;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.CapacityWatch;
import org.slapos.master.computer.Computers;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.SoftwareState;

/// Wants a SoftwareRelease on a Computer, or gone from it; the same again changes nothing (SLAP protocol,
/// supplySupply).
/// In the default project this also says that instances of it may be allocated there.
public final class SupplySoftware {
    private static final int MAX_URL = 2000;

    private final Database database;
    private final InstantSource clock;
    private final Revisions revisions;
    private final CapacityWatch capacity;
    private final Computers computers = new Computers();
    private final SoftwareInstallations installations = new SoftwareInstallations();
    private final SoftwareStore store = new SoftwareStore();

    public SupplySoftware(Database database, InstantSource clock, Revisions revisions, CapacityWatch capacity) {
        this.database = database;
        this.clock = clock;
        this.revisions = revisions;
        this.capacity = capacity;
    }

    /// Nothing, or why not.
    public Optional<Problem> supply(ComputerId reference, String url, SoftwareState wanted) {
        var now = clock.instant();
        if (url.isBlank()
                || url.getBytes(StandardCharsets.UTF_8).length > MAX_URL
                || url.chars().anyMatch(Character::isISOControl)) {
            return Optional.of(Problem.invalid(
                    "The URL of a SoftwareRelease has 1 to " + MAX_URL + " bytes, none of them a control character"));
        }
        return database.inTransaction(tx -> {
            var computer = computers.find(tx, reference);
            if (computer.isEmpty()) {
                return Optional.of(Problem.notFound("No Computer " + reference));
            }
            long id = computer.get().id();
            // Two supplies of the same URL at once: the second waits and finds what the first made.
            tx.handle().execute("select pg_advisory_xact_lock(hashtextextended(?, ?))", url, id);
            boolean changed = switch (wanted) {
                case AVAILABLE -> available(tx, id, url, now);
                case DESTROYED -> destroyed(tx, id, url, now);
            };
            if (changed) {
                Audit.note(tx, now, "software.supply", reference.text(), url + " " + wanted.wire());
                if (wanted == SoftwareState.AVAILABLE) {
                    capacity.capacityGrew(tx, now);
                }
                revisions.bump(tx, new TreeSet<>(List.of(id)));
            }
            return Optional.empty();
        });
    }

    private boolean available(Transaction tx, long computer, String url, Instant now) {
        var known = installations.lock(tx, computer, url);
        if (known.isPresent() && known.get().requested() == SoftwareState.AVAILABLE) {
            return false;
        }
        known.ifPresent(destroyed -> store.end(tx, destroyed.id(), now));
        store.createInstallation(tx, computer, url, now);
        store.allow(tx, computer, url, now);
        return true;
    }

    private boolean destroyed(Transaction tx, long computer, String url, Instant now) {
        var known = installations.lock(tx, computer, url);
        if (known.isEmpty() || known.get().requested() == SoftwareState.DESTROYED) {
            return false;
        }
        store.request(tx, known.get().id(), SoftwareState.DESTROYED);
        store.forbid(tx, computer, url, now);
        return true;
    }
}
