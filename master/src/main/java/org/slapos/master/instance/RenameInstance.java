package org.slapos.master.instance;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.protocol.RequestedState;

/// Gives an instance another title, under which it is requested from then on; whoever still requests the old one gets
/// a new instance. Renaming the root renames its tree. The same title again changes nothing (SLAP protocol,
/// softwareInstanceRename).
public final class RenameInstance {
    private static final int MAX_TITLE = 200;

    private final Database database;
    private final InstantSource clock;
    private final Revisions revisions;
    private final CertificateAuthority authority;
    private final InstanceStore instances = new InstanceStore();
    private final TreeStore trees = new TreeStore();

    public RenameInstance(Database database, InstantSource clock, Revisions revisions, CertificateAuthority authority) {
        this.database = database;
        this.clock = clock;
        this.revisions = revisions;
        this.authority = authority;
    }

    public Optional<Problem> rename(WhichInstance which, String title) {
        if (title.isBlank() || title.length() > MAX_TITLE || title.chars().anyMatch(Character::isISOControl)) {
            return Optional.of(Problem.invalid("The title of an instance has 1 to " + MAX_TITLE
                    + " characters, none of them a control character"));
        }
        var now = clock.instant();
        return database.inTransaction(tx -> {
            var tree = instances.find(tx, which).map(found -> trees.lock(tx, found.tree()));
            var instance = instances.find(tx, which); // as it is now that nobody else changes its tree
            return tree.isEmpty() || instance.isEmpty()
                    ? Optional.of(which.missing())
                    : rename(tx, tree.get(), instance.get(), title, now);
        });
    }

    private Optional<Problem> rename(
            Transaction tx, InstanceTree tree, SoftwareInstance instance, String title, Instant now) {
        if (instance.title().equals(title)) {
            return Optional.empty();
        }
        if (instance.isDestroyed() || tree.state() == RequestedState.DESTROYED) {
            return Optional.of(Problem.conflict("'" + instance.title() + "' (" + instance.reference()
                    + ") is being destroyed: it keeps its title"));
        }
        if (instances.find(tx, tree.id(), title).isPresent()) {
            return Optional.of(Problem.conflict("The tree '" + tree.title() + "' has an instance '" + title
                    + "' already: choose another title, or rename that one first"));
        }
        var change = new Change(tx, now, revisions, authority);
        if (instance.isRoot()) {
            trees.serialize(tx, tree.owner(), title);
            if (trees.find(tx, tree.owner(), title).isPresent()) {
                return Optional.of(Problem.conflict(tree.owner() + " has an instance tree '" + title
                        + "' already: choose another title, or rename that one first"));
            }
            trees.rename(tx, tree.id(), title);
            // The title of the root is a parameter of all.
            instances.inTree(tx, tree.id()).forEach(change::bang);
        } else {
            change.bang(instance);
        }
        instances.rename(tx, instance.id(), title);
        Audit.note(tx, now, "instance.rename", instance.reference(), instance.title(), title);
        change.finish();
        return Optional.empty();
    }
}
