package org.slapos.master.instance;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.InstantSource;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Database;
import org.slapos.master.pki.CertificateAuthority;

/// Remembers where an instance keeps its backup. Whatever is built in its place later gets it back, as the parameter
/// `backup_url`; nobody has anything to do because of it.
public final class BackUpInstance {
    private static final int MAX_URL = 2000;

    private final Database database;
    private final InstantSource clock;
    private final Revisions revisions;
    private final CertificateAuthority authority;
    private final InstanceStore instances = new InstanceStore();

    public BackUpInstance(Database database, InstantSource clock, Revisions revisions, CertificateAuthority authority) {
        this.database = database;
        this.clock = clock;
        this.revisions = revisions;
        this.authority = authority;
    }

    /// @param url an absolute URL; empty = it keeps none
    public Optional<Problem> keeps(WhichInstance which, String url) {
        if (!url.isEmpty() && !isUrl(url)) {
            return Optional.of(Problem.invalid("backup_url is no absolute URL of at most " + MAX_URL
                    + " characters, such as https://backup.example/7/"));
        }
        var now = clock.instant();
        return database.inTransaction(tx -> {
            var found = instances.lock(tx, which);
            if (found.isEmpty()) {
                return Optional.of(which.missing());
            }
            var instance = found.get();
            if (instances.backUp(tx, instance.id(), url)) {
                Audit.note(
                        tx,
                        now,
                        "instance.backup",
                        instance.reference(),
                        "a backup URL of " + url.length() + " characters");
                var change = new Change(tx, now, revisions, authority);
                change.show(instance);
                change.finish();
            }
            return Optional.empty();
        });
    }

    private static boolean isUrl(String text) {
        try {
            return text.length() <= MAX_URL && new URI(text).isAbsolute();
        } catch (URISyntaxException _) {
            return false;
        }
    }
}
