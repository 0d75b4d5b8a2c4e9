package org.slapos.master.instance;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Assignments;
import org.slapos.master.party.Function;
import org.slapos.master.party.Functions;
import org.slapos.master.party.Outcome;
import org.slapos.master.software.SoftwareAliases;

/// Says how a project gets ready for requests: by pools of instances that run before they are asked for, and by a
/// brake.
/// For who operates the project; a project that says nothing has neither. The same again changes nothing.
public final class ChangePools {
    private static final int MOST = 1000;

    private final Database database;
    private final InstantSource clock;
    private final Assignments assignments;
    private final KeepPools keep;
    private final SoftwareAliases aliases = new SoftwareAliases();
    private final PoolStore pools = new PoolStore();

    ChangePools(Database database, InstantSource clock, Assignments assignments, KeepPools keep) {
        this.database = database;
        this.clock = clock;
        this.assignments = assignments;
        this.keep = keep;
    }

    /// What a pool is to be.
    ///
    /// @param release an address or an alias
    /// @param project nothing = the only one of the person
    /// @param size    nothing = as past requests say, at most `most`
    public record Said(String release, String type, Optional<String> project, Optional<Integer> size, int most) {}

    /// How a pool stands.
    ///
    /// @param size       nothing = as past requests say
    /// @param wanted     how many spares there should be now
    /// @param placed     how many there are, with those that do not run yet
    /// @param handedOver how many became somebody's since it was made
    public record Shown(
            String reference,
            String project,
            String release,
            String type,
            Optional<Integer> size,
            int most,
            int wanted,
            int placed,
            int running,
            int handedOver) {}

    /// A brake; nothing = everybody requests as much as they like.
    public record ShownBrake(String project, Optional<Brake> brake) {}

    public Outcome<Shown> set(String person, Said said) {
        if (said.size().filter(size -> size < 0 || size > MOST).isPresent() || said.most() < 1 || said.most() > MOST) {
            return Outcome.refused(Problem.invalid("A pool has 0 to " + MOST + " instances, and at most 1 to " + MOST));
        }
        var now = clock.instant();
        return database.inTransaction(tx -> operated(tx, person, said.project(), "have a pool made")
                .then(project -> release(tx, said).then(release -> {
                    var before = pools.find(tx, project, release.url(), release.type());
                    if (before.isEmpty() && said.size().equals(Optional.of(0))) {
                        return Outcome.refused(Problem.notFound("There is no pool of " + release.url() + ", type '"
                                + release.type() + "', in " + project + " to end"));
                    }
                    int most = Math.max(said.most(), said.size().orElse(0));
                    var pool = pools.set(tx, project, release.url(), release.type(), said.size(), most, now);
                    if (!before.equals(Optional.of(pool))) {
                        Audit.note(
                                tx,
                                now,
                                "pool.set",
                                pool.reference(),
                                before.map(Pool::toString).orElse(""),
                                pool);
                    }
                    keep.forget(pool.id());
                    KeepPools.changed(tx, pool.id(), now);
                    return shown(tx, project).stream()
                            .filter(it -> it.reference().equals(pool.reference()))
                            .findFirst()
                            .<Outcome<Shown>>map(Outcome.Done::new)
                            .orElseThrow();
                })));
    }

    private record Release(String url, String type) {}

    private Outcome<Release> release(Transaction tx, Said said) {
        return switch (aliases.meaning(tx, said.release(), clock.instant())) {
            case SoftwareAliases.Meaning.Unknown(var problem) -> Outcome.refused(problem);
            case SoftwareAliases.Meaning.Address _ -> new Outcome.Done<>(new Release(said.release(), said.type()));
            case SoftwareAliases.Meaning.Release(var _, var url, var type) ->
                new Outcome.Done<>(new Release(url, type.orElse(said.type())));
        };
    }

    /// The pools of a project.
    public Outcome<List<Shown>> list(String person, Optional<String> project) {
        return database.inTransaction(tx ->
                operated(tx, person, project, "see its pools").then(named -> new Outcome.Done<>(shown(tx, named))));
    }

    private List<Shown> shown(Transaction tx, String project) {
        var now = clock.instant();
        return pools.standing(tx, project).stream()
                .map(it -> new Shown(
                        it.pool().reference(),
                        it.pool().project(),
                        it.pool().release(),
                        it.pool().type(),
                        it.pool().size(),
                        it.pool().most(),
                        keep.wanted(tx, it.pool(), now),
                        it.placed(),
                        it.running(),
                        it.handedOver()))
                .toList();
    }

    /// @param requests 0 = no brake from now on
    public Outcome<ShownBrake> brake(String person, Optional<String> project, int requests, Duration per) {
        if (requests < 0 || requests > MOST || per.isZero() || per.isNegative()) {
            return Outcome.refused(Problem.invalid("A brake lets 1 to " + MOST + " new instances through in a time"));
        }
        var now = clock.instant();
        return database.inTransaction(tx -> operated(tx, person, project, "set its brake")
                .then(named -> {
                    var before = pools.brake(tx, named);
                    var brake = requests == 0 ? Optional.<Brake>empty() : Optional.of(new Brake(requests, per));
                    if (!before.equals(brake)) {
                        pools.brake(tx, named, brake);
                        Audit.note(tx, now, "brake.set", named, text(before), text(brake));
                    }
                    return new Outcome.Done<>(new ShownBrake(named, brake));
                }));
    }

    private static String text(Optional<Brake> brake) {
        return brake.map(it -> it.requests() + " within " + Brake.words(it.per()))
                .orElse("none");
    }

    /// For everybody in the project, whom it may stop.
    public Outcome<ShownBrake> brake(String person, Optional<String> project) {
        return database.inTransaction(tx -> assignments
                .of(tx, person)
                .project(project)
                .then(named -> new Outcome.Done<>(new ShownBrake(named, pools.brake(tx, named)))));
    }

    private Outcome<String> operated(Transaction tx, String person, Optional<String> named, String what) {
        var functions = assignments.of(tx, person);
        return functions
                .project(named)
                .then(project -> mayOperate(functions, project)
                        ? new Outcome.Done<>(project)
                        : Outcome.refused(Problem.forbidden(person + " may not " + what + ": who operates " + project
                                + " may, its production managers and agents")));
    }

    private static boolean mayOperate(Functions functions, String project) {
        return functions.isSystemManager()
                || functions.has(Function.PRODUCTION_MANAGER, project)
                || functions.has(Function.PRODUCTION_AGENT, project);
    }
}
