package org.slapos.master.instance;

import java.time.InstantSource;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.Computers;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.protocol.ComputerId;

/// Has instances processed again because something changed or broke (SLAP protocol, softwareInstanceBang and
/// computerBang). A bang goes upward: from an instance to the one that requests it, and so on to the root.
public final class BangInstances {
    private static final int MAX_MESSAGE = 1000;

    private final Database database;
    private final InstantSource clock;
    private final Revisions revisions;
    private final CertificateAuthority authority;
    private final InstanceStore instances = new InstanceStore();
    private final Computers computers = new Computers();

    public BangInstances(Database database, InstantSource clock, Revisions revisions, CertificateAuthority authority) {
        this.database = database;
        this.clock = clock;
        this.revisions = revisions;
        this.authority = authority;
    }

    /// That instance, and those above it.
    public Optional<Problem> bang(WhichInstance which, String message) {
        var now = clock.instant();
        return database.inTransaction(tx -> {
            var found = instances.lock(tx, which);
            if (found.isEmpty()) {
                return Optional.of(which.missing());
            }
            var instance = found.get();
            var status = instance.status().next("#error bang called: " + readable(message), Optional.empty(), now);
            instances.report(tx, instance.id(), status, instance.runningSince());
            Audit.note(tx, now, "instance.bang", instance.reference(), readable(message));
            var change = new Change(tx, now, revisions, authority);
            bangUpward(tx, change, instance);
            change.finish();
            return Optional.empty();
        });
    }

    /// Every instance on the Computer, and those above them; the Computer keeps the message.
    public Optional<Problem> bangAll(ComputerId reference, String message) {
        var now = clock.instant();
        return database.inTransaction(tx -> {
            var computer = computers.find(tx, reference);
            if (computer.isEmpty()) {
                return Optional.of(Problem.notFound("No Computer " + reference));
            }
            var change = new Change(tx, now, revisions, authority);
            for (var instance : instances.onComputer(tx, computer.get().id())) {
                if (!instance.isDestroyed()) {
                    bangUpward(tx, change, instance);
                }
            }
            change.finish();
            computers.bang(tx, computer.get().id(), readable(message), now);
            Audit.note(tx, now, "computer.bang", reference.text(), readable(message));
            return Optional.empty();
        });
    }

    /// No more than a status shows, and nothing that the database cannot hold.
    private static String readable(String message) {
        return message.substring(0, Math.min(message.length(), MAX_MESSAGE)).replace('\0', '?');
    }

    private void bangUpward(Transaction tx, Change change, SoftwareInstance instance) {
        var next = Optional.of(instance);
        while (next.isPresent()) {
            change.bang(next.get());
            next = next.get().parent().flatMap(parent -> instances.find(tx, parent));
        }
    }
}
