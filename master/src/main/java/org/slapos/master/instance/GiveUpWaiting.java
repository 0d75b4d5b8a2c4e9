package org.slapos.master.instance;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.work.Outbox;

/// Destroys a tree of which nothing has found a place for three days, so that what nobody asks for any more does not
/// wait for ever; whoever still asks for it gets a new one, which waits. On the last day the answer says so.
public final class GiveUpWaiting {
    public static final String KIND = "tree.never-placed";

    private static final Duration PATIENCE = Duration.ofDays(3);
    private static final Duration WARNING = Duration.ofDays(1);

    private final Revisions revisions;
    private final CertificateAuthority authority;
    private final InstanceStore instances = new InstanceStore();
    private final TreeStore trees = new TreeStore();

    public GiveUpWaiting(Revisions revisions, CertificateAuthority authority) {
        this.revisions = revisions;
        this.authority = authority;
    }

    /// A new tree has no place yet.
    static void planted(Transaction tx, String tree, Instant now) {
        Outbox.later(tx, KIND, tree, now.plus(PATIENCE));
    }

    /// What to add to the reason why it waits.
    static String warning(Transaction tx, String tree, Instant now) {
        return Outbox.due(tx, KIND, tree)
                .filter(due -> !due.isAfter(now.plus(WARNING)))
                .map(due -> ". It is given up at " + due + " unless it finds a place before")
                .orElse("");
    }

    /// @param reference of the tree
    public void run(Transaction tx, String reference, Instant now) {
        Optional<InstanceTree> found = trees.lock(tx, reference);
        if (found.isEmpty() || instances.wasPlaced(tx, found.get().id())) {
            return;
        }
        var tree = found.get();
        instances.lockWaitingOf(tx, tree.id());
        if (instances.wasPlaced(tx, tree.id())) {
            return;
        }
        var change = new Change(tx, now, revisions, authority);
        Audit.note(tx, now, "tree.give-up", reference, tree.state(), "never placed for " + PATIENCE.toDays() + " days");
        change.destroyTree(tree.id());
        change.finish();
    }
}
