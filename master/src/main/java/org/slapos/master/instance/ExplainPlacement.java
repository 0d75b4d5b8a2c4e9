package org.slapos.master.instance;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Optional;
import java.util.TreeMap;
import org.slapos.master.Problem;
import org.slapos.master.allocation.Conditions;
import org.slapos.master.allocation.Market;
import org.slapos.master.allocation.Outlook;
import org.slapos.master.allocation.PlaceInstance;
import org.slapos.master.allocation.ReadConditions;
import org.slapos.master.allocation.Wanted;
import org.slapos.master.computer.Computers;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Assignments;
import org.slapos.master.party.Outcome;
import org.slapos.master.party.Requester;
import org.slapos.master.software.SoftwareAliases;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;

/// Says what would happen to a request, and why an instance is where it is or waits. Changes nothing.
public final class ExplainPlacement {
    private final Database database;
    private final InstantSource clock;
    private final Market market;
    private final Assignments assignments;
    private final Readiness readiness;
    private final ChooseProject projects = new ChooseProject();
    private final SoftwareAliases aliases = new SoftwareAliases();
    private final FindAsker askers = new FindAsker();
    private final InstanceStore instances = new InstanceStore();
    private final TreeStore trees = new TreeStore();
    private final Computers computers = new Computers();
    private final WhatIsWanted wants = new WhatIsWanted();

    public ExplainPlacement(
            Database database, InstantSource clock, Market market, Assignments assignments, Readiness readiness) {
        this.readiness = readiness;
        this.database = database;
        this.clock = clock;
        this.market = market;
        this.assignments = assignments;
    }

    /// How it stands.
    public sealed interface Answer {
        /// @param title   of the instance
        /// @param release URL of its SoftwareRelease
        /// @param on      where it is; nothing = it has no place
        /// @param outlook what would happen if it were to be placed now
        /// @param isSpare whether it would be one that runs already, of a pool, where the outlook has it first
        record Explained(String title, String release, Optional<ComputerId> on, Outlook outlook, boolean isSpare)
                implements Answer {
            Explained ofPool(PlaceInstance.Running spare) {
                var prospects = new ArrayList<Outlook.Prospect>();
                prospects.add(new Outlook.Prospect(spare.reference(), spare.price()));
                prospects.addAll(outlook.prospects());
                return new Explained(title, release, on, new Outlook(prospects, outlook.explanation()), true);
            }
        }

        record Refused(Problem problem) implements Answer {}
    }

    /// What that request would do.
    public Answer plan(Requester who, InstanceRequest wanted) {
        if (wanted.shared()) {
            return refused(Problem.invalid(
                    "A shared instance goes into another one, not into a ComputerPartition: request it to see where"));
        }
        var now = clock.instant();
        return switch (ReadConditions.read(wanted.filter(), false)) {
            case Conditions.Reading.NotUnderstood(var problem) -> refused(problem);
            case Conditions.Reading.Understood(var conditions) ->
                database.inTransaction(tx -> switch (aliases.meaning(tx, wanted.softwareRelease(), now)) {
                    case SoftwareAliases.Meaning.Unknown(var problem) -> refused(problem);
                    case SoftwareAliases.Meaning.Address _ -> plan(tx, who, wanted, conditions, now);
                    case SoftwareAliases.Meaning.Release release -> plan(tx, who, release.in(wanted), conditions, now);
                });
        };
    }

    private Answer plan(Transaction tx, Requester who, InstanceRequest wanted, Conditions conditions, Instant now) {
        var title = wanted.reference();
        var desire = new SoftwareInstance.Desire(
                wanted.softwareRelease(),
                wanted.softwareType(),
                wanted.parameters(),
                new TreeMap<>(wanted.filter()),
                RequestedState.STARTED);
        return switch (askers.find(tx, who, FindAsker.named(wanted))) {
            case FindAsker.Asker.Nobody(var problem) -> refused(problem);
            case FindAsker.Asker.Owner(var owner) -> {
                var tree = trees.find(tx, owner, title);
                var root = tree.flatMap(found -> instances.root(tx, found.id()));
                yield switch (projects.choose(
                        tx, () -> projects.held(tx, assignments, owner), wanted, tree.map(InstanceTree::project))) {
                    case Outcome.Refused<String>(var problem) -> refused(problem);
                    case Outcome.Done<String>(var project) -> {
                        var planted = InstanceTree.planted(owner, project, title);
                        yield tree.isPresent()
                                ? plan(tx, tree.get(), root, title, desire, conditions, now)
                                : planNew(tx, planted, desire, conditions, now);
                    }
                };
            }
            case FindAsker.Asker.Parent(var _, var tree) ->
                plan(tx, tree, instances.find(tx, tree.id(), title), title, desire, conditions, now);
        };
    }

    /// What a project has said of new requests comes first: its brake, its pools.
    private Answer planNew(
            Transaction tx, InstanceTree planted, SoftwareInstance.Desire desire, Conditions conditions, Instant now) {
        var title = new TreeStore.Title(planted.owner(), planted.project(), planted.title());
        var braked = readiness.refusal(tx, title, now);
        if (braked.isPresent()) {
            return refused(braked.get());
        }
        var plan = plan(tx, planted, Optional.empty(), title.text(), desire, conditions, now);
        return plan instanceof Answer.Explained explained
                ? readiness
                        .spare(tx, title, desire, conditions, now)
                        .<Answer>map(explained::ofPool)
                        .orElse(plan)
                : plan;
    }

    private Answer plan(
            Transaction tx,
            InstanceTree tree,
            Optional<SoftwareInstance> known,
            String title,
            SoftwareInstance.Desire desire,
            Conditions conditions,
            Instant now) {
        long id = known.map(SoftwareInstance::id).orElse(0L);
        return explained(tx, wants.of(tx, tree, id, title, desire, conditions), known, now);
    }

    /// How an instance stands, by what it was requested with.
    public Answer explain(WhichInstance which) {
        var now = clock.instant();
        return database.inTransaction(tx -> {
            var found = instances.find(tx, which);
            if (found.isEmpty()) {
                return refused(which.missing());
            }
            if (found.get().isShared()) {
                return refused(Problem.invalid(found.get().reference()
                        + " is shared: it goes into another instance, not into a ComputerPartition"
                        + (found.get().waitingFor().isEmpty()
                                ? ""
                                : ". " + found.get().waitingFor())));
            }
            return switch (ReadConditions.read(found.get().desire().conditions(), false)) {
                case Conditions.Reading.NotUnderstood(var problem) -> refused(problem);
                case Conditions.Reading.Understood(var conditions) ->
                    explained(tx, wants.of(tx, found.get(), conditions), found, now);
            };
        });
    }

    private Answer explained(Transaction tx, Wanted wanted, Optional<SoftwareInstance> known, Instant now) {
        market.refresh(tx, now);
        market.askForSilent(tx, wanted, now);
        var on = known.flatMap(SoftwareInstance::partition)
                .map(partition -> computers.of(tx, partition).reference());
        return new Answer.Explained(wanted.title(), wanted.release(), on, market.look(wanted, now), false);
    }

    private static Answer refused(Problem problem) {
        return new Answer.Refused(problem);
    }
}
