package org.slapos.master.instance;

import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Database;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.protocol.InstanceXml;

/// Takes the connection parameters that an instance publishes, replacing those before; the same again changes nothing.
/// Whoever requested it has something to do then (SLAP protocol, setComputerPartitionConnectionXml).
public final class PublishConnection {
    /// Characters of all connection parameters together.
    private static final int MAX_CHARACTERS = 1024 * 1024;

    private final Database database;
    private final InstantSource clock;
    private final Revisions revisions;
    private final CertificateAuthority authority;
    private final InstanceStore instances = new InstanceStore();

    public PublishConnection(
            Database database, InstantSource clock, Revisions revisions, CertificateAuthority authority) {
        this.database = database;
        this.clock = clock;
        this.revisions = revisions;
        this.authority = authority;
    }

    /// For a shared instance, its host publishes.
    public Optional<Problem> publish(WhichInstance which, Map<String, String> published) {
        var now = clock.instant();
        var document = InstanceXml.write(published);
        if (document.length() > MAX_CHARACTERS) {
            return Optional.of(Problem.invalid("The connection parameters have " + document.length()
                    + " characters, at most " + MAX_CHARACTERS + " are taken"));
        }
        return database.inTransaction(tx -> {
            var found = instances.lock(tx, which);
            if (found.isEmpty()) {
                return Optional.of(which.missing());
            }
            var instance = found.get();
            // Compared as written: what XML cannot hold would otherwise differ for ever.
            if (!document.equals(InstanceXml.write(instance.connection()))) {
                instances.publish(tx, instance.id(), published);
                Audit.note(tx, now, "instance.publish", instance.reference(), new TreeSet<>(published.keySet()));
                var change = new Change(tx, now, revisions, authority);
                change.show(instance);
                instance.parent().flatMap(parent -> instances.find(tx, parent)).ifPresent(change::bang);
                change.finish();
            }
            return Optional.empty();
        });
    }
}
