package org.slapos.master.instance;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slapos.master.Problem;
import org.slapos.master.allocation.Conditions;
import org.slapos.master.allocation.PlaceInstance;
import org.slapos.master.allocation.ReadConditions;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Assignments;
import org.slapos.master.party.Functions;
import org.slapos.master.party.Outcome;
import org.slapos.master.party.Requester;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.software.SoftwareAliases;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.InstanceXml;
import org.slapos.protocol.RequestedState;

/// Asks for an instance, or changes one already asked for: the same request twice is one instance, and the second
/// changes nothing (SLAP protocol, requestComputerPartition).
///
/// A person or a Computer requests the root of a tree; the instance in a partition, or who may on its behalf, requests
/// other instances of the same tree. Requests within one tree come one after the other.
public final class RequestInstance {
    /// Characters of all parameters together.
    private static final int MAX_PARAMETERS = 1024 * 1024;

    private final Database database;
    private final InstantSource clock;
    private final Revisions revisions;
    private final CertificateAuthority authority;
    private final Assignments assignments;
    private final ChooseProject projects = new ChooseProject();
    private final PlaceInstance places;
    private final Readiness readiness;
    private final SoftwareAliases aliases = new SoftwareAliases();
    private final InstanceStore instances = new InstanceStore();
    private final TreeStore trees = new TreeStore();
    private final FindAsker askers = new FindAsker();
    private final DescribeInstance describe = new DescribeInstance();
    private final RepeatedRequest repeated;

    public RequestInstance(
            Database database,
            InstantSource clock,
            Revisions revisions,
            CertificateAuthority authority,
            Assignments assignments,
            PlaceInstance places,
            Readiness readiness) {
        this.readiness = readiness;
        this.database = database;
        this.clock = clock;
        this.revisions = revisions;
        this.authority = authority;
        this.assignments = assignments;
        this.places = places;
        this.repeated = new RepeatedRequest(database);
    }

    public Placement request(Requester who, InstanceRequest wanted) {
        return request(who, wanted, FindAsker.named(wanted));
    }

    /// @param named the instance in whose name it is made, if in another's, as it was when the right to do so was
    ///              looked at: another one may live in the partition by now
    public Placement request(Requester who, InstanceRequest wanted, Optional<WhichInstance> named) {
        return switch (ReadConditions.read(wanted.filter(), wanted.shared())) {
            case Conditions.Reading.NotUnderstood(var problem) -> new Placement.Refused(problem);
            case Conditions.Reading.Understood(var conditions) ->
                faultOf(wanted)
                        .<Placement>map(Placement.Refused::new)
                        .orElseGet(() -> request(who, named, wanted, conditions));
        };
    }

    private Placement request(
            Requester who, Optional<WhichInstance> named, InstanceRequest wanted, Conditions conditions) {
        var same = repeated.answer(who, named, wanted);
        if (same.isPresent()) {
            return same.get();
        }
        var first = inTransaction(who, named, wanted, conditions);
        // Capacity that came while the waiting row was being written did not see it, nor was seen: look once more.
        return first instanceof Placement.Waiting ? inTransaction(who, named, wanted, conditions) : first;
    }

    private Placement inTransaction(
            Requester who, Optional<WhichInstance> named, InstanceRequest wanted, Conditions conditions) {
        var now = clock.instant();
        var held = who instanceof Requester.Person(var person)
                ? Optional.of(assignments.of(person))
                : Optional.<Functions>empty();
        return database.inTransaction(tx -> {
            var change = new Change(tx, now, revisions, authority, places);
            var placement = switch (aliases.meaning(tx, wanted.softwareRelease(), now)) {
                case SoftwareAliases.Meaning.Unknown(var problem) -> refused(problem);
                case SoftwareAliases.Meaning.Address _ ->
                    asked(tx, change, who, named, held, wanted, conditions, Optional.empty(), now);
                case SoftwareAliases.Meaning.Release release ->
                    asked(tx, change, who, named, held, release.in(wanted), conditions, Optional.of(release), now);
            };
            change.finish();
            return placement;
        });
    }

    /// @param held  what a person holds
    /// @param alias what the SoftwareRelease was asked for as; nothing = by its address
    private Placement asked(
            Transaction tx,
            Change change,
            Requester who,
            Optional<WhichInstance> named,
            Optional<Functions> held,
            InstanceRequest wanted,
            Conditions conditions,
            Optional<SoftwareAliases.Meaning.Release> alias,
            Instant now) {
        return switch (askers.find(tx, who, named)) {
            case FindAsker.Asker.Owner(var owner) -> root(tx, change, owner, held, wanted, conditions, alias, now);
            case FindAsker.Asker.Parent(var parent, var tree) ->
                child(tx, change, parent, tree, wanted, conditions, alias);
            case FindAsker.Asker.Nobody(var problem) -> refused(problem);
        };
    }

    private Placement root(
            Transaction tx,
            Change change,
            String owner,
            Optional<Functions> held,
            InstanceRequest wanted,
            Conditions conditions,
            Optional<SoftwareAliases.Meaning.Release> alias,
            Instant now) {
        var title = wanted.reference();
        var state = wanted.state().orElse(RequestedState.STARTED);
        trees.serialize(tx, owner, title);
        var tree = trees.lock(tx, owner, title);
        tree.ifPresent(found -> instances.lockWaitingOf(tx, found.id()));
        if (state == RequestedState.DESTROYED) {
            tree.ifPresent(found -> {
                trees.want(tx, found.id(), state, now);
                Audit.note(tx, now, "tree.change", found.reference(), found.state(), state);
                instances.inTree(tx, found.id()).forEach(change::destroy);
            });
            return destroyed(title, tree.isPresent());
        }
        return switch (projects.choose(
                tx,
                () -> held.orElseGet(() -> projects.held(tx, assignments, owner)),
                wanted,
                tree.map(InstanceTree::project))) {
            case Outcome.Refused<String>(var problem) -> refused(problem);
            case Outcome.Done<String>(var project) ->
                root(tx, change, new TreeStore.Title(owner, project, title), tree, wanted, conditions, alias, now);
        };
    }

    private Placement root(
            Transaction tx,
            Change change,
            TreeStore.Title title,
            Optional<InstanceTree> tree,
            InstanceRequest wanted,
            Conditions conditions,
            Optional<SoftwareAliases.Meaning.Release> alias,
            Instant now) {
        var state = wanted.state().orElse(RequestedState.STARTED);
        var desire = desire(wanted, state);
        if (tree.isEmpty()) {
            switch (readiness.of(tx, change, title, desire, wanted.shared(), conditions, now)) {
                case Readiness.Answer.Braked(var problem) -> {
                    return refused(problem);
                }
                case Readiness.Answer.HandedOver(var instance) -> {
                    return placed(tx, change, instance, conditions);
                }
                case Readiness.Answer.Make _ -> {}
            }
            var planted = trees.create(tx, title, state, now);
            Audit.note(tx, now, "tree.create", planted.reference(), title);
            var created = change.create(planted.id(), Optional.empty(), title.text(), desire, wanted.shared());
            var first = placed(tx, change, created, Optional.of(planted), conditions);
            if (first instanceof Placement.Waiting) {
                GiveUpWaiting.planted(tx, planted.reference(), now);
            }
            return first;
        }
        var root = instances.root(tx, tree.get().id()).orElseThrow();
        desire = asItRuns(tx, desire, root, alias);
        if (root.isShared() != wanted.shared()) {
            return otherKind(root);
        }
        if (!root.desire().release().equals(desire.release())
                || !root.desire().type().equals(desire.type())) {
            return refused(Problem.conflict("'" + title.text() + "' runs SoftwareRelease "
                    + root.desire().release()
                    + " with type '" + root.desire().type()
                    + "', which a request cannot change. Destroy it first, or request another title"));
        }
        if (tree.get().state() != state) {
            trees.want(tx, tree.get().id(), state, now);
            Audit.note(
                    tx, now, "tree.change", tree.get().reference(), tree.get().state(), state);
        }
        if (state == RequestedState.STOPPED) {
            stopAllBelow(tx, change, root);
        }
        var again = placed(tx, change, wanting(change, root, desire), conditions);
        return again instanceof Placement.Waiting(var reference, var why)
                ? new Placement.Waiting(
                        reference, why + GiveUpWaiting.warning(tx, tree.get().reference(), now))
                : again;
    }

    /// An alias that means a newer release by now changes nothing of what runs.
    private SoftwareInstance.Desire asItRuns(
            Transaction tx,
            SoftwareInstance.Desire desire,
            SoftwareInstance running,
            Optional<SoftwareAliases.Meaning.Release> alias) {
        var runs = running.desire().release();
        return alias.filter(release -> aliases.isOf(tx, release.product(), runs))
                .map(_ -> new SoftwareInstance.Desire(
                        runs, desire.type(), desire.parameters(), desire.conditions(), desire.state()))
                .orElse(desire);
    }

    private void stopAllBelow(Transaction tx, Change change, SoftwareInstance root) {
        for (var instance : instances.inTree(tx, root.tree())) {
            if (!instance.isRoot() && instance.desire().state() == RequestedState.STARTED) {
                change.want(instance, instance.desire().withState(RequestedState.STOPPED));
            }
        }
    }

    private Placement child(
            Transaction tx,
            Change change,
            SoftwareInstance asking,
            InstanceTree asked,
            InstanceRequest wanted,
            Conditions conditions,
            Optional<SoftwareAliases.Meaning.Release> alias) {
        var title = wanted.reference();
        var tree = trees.lock(tx, asked.id());
        instances.lockWaitingOf(tx, tree.id());
        var parent = instances.find(tx, asking.id());
        if (tree.state() == RequestedState.DESTROYED
                || parent.isEmpty()
                || parent.get().isDestroyed()) {
            return refused(Problem.conflict(asking.reference() + " is being destroyed and cannot request anything"));
        }
        var contradiction = ChooseProject.contradiction(wanted, tree);
        if (contradiction.isPresent()) {
            return refused(contradiction.get());
        }
        if (title.equals(tree.title())) {
            return refused(Problem.conflict("'" + title + "' is the title of the tree's root: request another title"));
        }
        var state = tree.childState(wanted.state().orElse(RequestedState.STARTED));
        var known = instances.find(tx, tree.id(), title);
        if (known.isPresent() && isAbove(tx, known.get().id(), parent.get())) {
            return refused(Problem.conflict("'" + title + "' requests '"
                    + parent.get().title() + "', directly or not, and cannot be requested by it in turn"));
        }
        if (known.isPresent() && !mayTake(tx, parent.get(), known.get())) {
            return refused(Problem.forbidden("'" + parent.get().title() + "' may not change '" + title
                    + "', which another instance of the tree requests: only that one may, and those above it"));
        }
        if (state == RequestedState.DESTROYED) {
            known.ifPresent(child -> destroyWithDescendants(tx, change, child));
            return destroyed(title, known.isPresent());
        }
        if (known.isPresent() && known.get().isDestroyed()) {
            return new Placement.Destroyed(
                    "'" + title + "' is being destroyed: it can be requested again as soon as its "
                            + "Computer has confirmed that");
        }
        if (known.isPresent() && known.get().isShared() != wanted.shared()) {
            return otherKind(known.get());
        }
        boolean newChild = known.isEmpty()
                || !known.get().parent().equals(Optional.of(parent.get().id()));
        if (newChild && instances.countChildren(tx, parent.get().id()) >= InstanceTree.MAX_CHILDREN) {
            return refused(Problem.conflict("'" + parent.get().title() + "' requests " + InstanceTree.MAX_CHILDREN
                    + " instances already, which is the most"));
        }
        var desire = desire(wanted, state);
        if (known.isEmpty()) {
            var created = change.create(tree.id(), Optional.of(parent.get().id()), title, desire, wanted.shared());
            return placed(tx, change, created, conditions);
        }
        desire = asItRuns(tx, desire, known.get(), alias);
        if (newChild) {
            instances.adopt(tx, known.get().id(), parent.get().id());
        }
        return placed(tx, change, wanting(change, known.get(), desire), conditions);
    }

    /// An instance has a say over those below it, and over one whose requester is gone; not over its siblings, so that
    /// nobody who breaks into a leaf controls the tree.
    private boolean mayTake(Transaction tx, SoftwareInstance parent, SoftwareInstance known) {
        return known.parent()
                .map(requester -> instances.find(tx, requester).isEmpty() || isAbove(tx, parent.id(), known))
                .orElse(false);
    }

    /// Whether that instance is the given one, or requests it directly or not.
    private boolean isAbove(Transaction tx, long id, SoftwareInstance below) {
        var next = Optional.of(below);
        while (next.isPresent()) {
            if (next.get().id() == id) {
                return true;
            }
            next = next.get().parent().flatMap(parent -> instances.find(tx, parent));
        }
        return false;
    }

    private void destroyWithDescendants(Transaction tx, Change change, SoftwareInstance child) {
        var requestedBy = instances.inTree(tx, child.tree()).stream()
                .filter(other -> other.parent().isPresent())
                .collect(Collectors.groupingBy(other -> other.parent().orElseThrow()));
        var doomed = new ArrayDeque<>(List.of(child));
        while (!doomed.isEmpty()) {
            var next = doomed.pop();
            change.destroy(next);
            doomed.addAll(requestedBy.getOrDefault(next.id(), List.of()));
        }
    }

    private static SoftwareInstance wanting(Change change, SoftwareInstance instance, SoftwareInstance.Desire desire) {
        return instance.desire().equals(desire) ? instance : change.want(instance, desire);
    }

    private Placement placed(Transaction tx, Change change, SoftwareInstance instance, Conditions conditions) {
        return placed(tx, change, instance, Optional.empty(), conditions);
    }

    /// @param tree the instance's own, where it is at hand
    private Placement placed(
            Transaction tx,
            Change change,
            SoftwareInstance instance,
            Optional<InstanceTree> tree,
            Conditions conditions) {
        var placed = instance.isPlaced() ? instance : change.place(instance, tree, conditions, true);
        change.settle(); // the answer shows the timestamp, which a shared one has itself
        return placed.isPlaced()
                ? new Placement.Placed(describe.describe(
                        tx, placed.isShared() ? instances.find(tx, placed.id()).orElseThrow() : placed, tree))
                : new Placement.Waiting(placed.reference(), placed.waitingFor());
    }

    private static Placement destroyed(String title, boolean known) {
        return new Placement.Destroyed(
                known ? "'" + title + "' is to be destroyed" : "'" + title + "' does not exist: nothing to destroy");
    }

    private static Placement otherKind(SoftwareInstance known) {
        return refused(Problem.conflict("'" + known.title() + "' is " + (known.isShared() ? "a" : "no")
                + " shared instance, which a request cannot change. Destroy it first, or request another title"));
    }

    private static Placement refused(Problem problem) {
        return new Placement.Refused(problem);
    }

    static SoftwareInstance.Desire desire(InstanceRequest wanted, RequestedState state) {
        Map<String, String> conditions = new TreeMap<>(wanted.filter());
        if (wanted.softwareType().equals("pull-backup")) {
            conditions.putIfAbsent("retention_delay", "7.0"); // what the protocol forces for backups
        }
        return new SoftwareInstance.Desire(
                wanted.softwareRelease(), wanted.softwareType(), wanted.parameters(), conditions, state);
    }

    private static Optional<Problem> faultOf(InstanceRequest wanted) {
        for (var text : new String[] {wanted.reference(), wanted.softwareRelease(), wanted.softwareType()}) {
            if (text.chars().anyMatch(Character::isISOControl)) {
                return Optional.of(
                        Problem.invalid("Title, SoftwareRelease and type must not contain control characters: '"
                                + text.replaceAll("\\p{Cntrl}", "?") + "'"));
            }
        }
        int characters = InstanceXml.write(wanted.parameters()).length()
                + InstanceXml.write(wanted.filter()).length();
        return characters <= MAX_PARAMETERS
                ? Optional.empty()
                : Optional.of(Problem.invalid(
                        "The parameters have " + characters + " characters, at most " + MAX_PARAMETERS + " are taken"));
    }
}
