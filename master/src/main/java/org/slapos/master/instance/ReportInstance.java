package org.slapos.master.instance;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.computer.AccessStatus;
import org.slapos.master.computer.CapacityWatch;
import org.slapos.master.computer.Computers;
import org.slapos.master.computer.Retirement;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;

/// Takes what a node reports of the instance in a partition (SLAP protocol, instance reports). A report never moves a
/// partition's timestamp; it moves the Computer's revision only when the class of the shown status changes, or when it
/// completes a destruction.
public final class ReportInstance {
    /// Characters of an error that are shown, from its end.
    private static final int SHOWN = 80;

    private final Database database;
    private final InstantSource clock;
    private final Revisions revisions;
    private final CertificateAuthority authority;
    private final HostingWatch hosting;
    private final CapacityWatch capacity;
    private final InstanceStore instances = new InstanceStore();
    private final TreeStore trees = new TreeStore();
    private final Computers computers = new Computers();

    public ReportInstance(
            Database database,
            InstantSource clock,
            Revisions revisions,
            CertificateAuthority authority,
            HostingWatch hosting,
            CapacityWatch capacity) {
        this.database = database;
        this.clock = clock;
        this.revisions = revisions;
        this.authority = authority;
        this.hosting = hosting;
        this.capacity = capacity;
    }

    /// It runs. The hosting begins here, when it is wanted to run and did not before.
    public Optional<Problem> started(ComputerId computer, PartitionId partition) {
        return report(new WhichInstance.InPartition(computer, partition), (tx, change, instance, now) -> {
            boolean begins =
                    instance.runningSince().isEmpty() && instance.desire().state() == RequestedState.STARTED;
            write(
                    tx,
                    change,
                    instance,
                    instance.status().next("#access Instance correctly started", Optional.of("started"), now),
                    begins ? Optional.of(now) : instance.runningSince());
            if (begins) {
                hosting.started(tx, hostingOf(tx, instance, now));
            }
        });
    }

    /// It does not run any more: the hosting ends.
    public Optional<Problem> stopped(ComputerId computer, PartitionId partition) {
        return report(new WhichInstance.InPartition(computer, partition), (tx, change, instance, now) -> {
            write(
                    tx,
                    change,
                    instance,
                    instance.status().next("#access Instance correctly stopped", Optional.of("stopped"), now),
                    Optional.empty());
            endHosting(tx, instance, now);
        });
    }

    /// It could not be brought to what is wanted. Of a shared instance, its host says so.
    public Optional<Problem> failed(WhichInstance which, String log) {
        var readable = log.replace('\0', '?').strip();
        var shown = readable.substring(Math.max(0, readable.length() - SHOWN));
        return report(
                which,
                (tx, change, instance, now) -> write(
                        tx,
                        change,
                        instance,
                        instance.status().next("#error while instanciating: " + shown, Optional.empty(), now),
                        instance.runningSince()));
    }

    /// Its place is empty: the certificate is revoked and the partition free. Ignored when destruction is not wanted.
    public Optional<Problem> destroyed(ComputerId computer, PartitionId partition) {
        return report(new WhichInstance.InPartition(computer, partition), (tx, change, instance, now) -> {
            if (instance.isDestroyed()) {
                endHosting(tx, instance, now);
                long freed =
                        computers.of(tx, instance.partition().orElseThrow()).id();
                change.end(instance);
                capacity.capacityGrew(tx, freed, now);
                Retirement.considered(tx, freed, now);
            }
        });
    }

    @FunctionalInterface
    private interface Report {
        void apply(Transaction tx, Change change, SoftwareInstance instance, Instant now);
    }

    private Optional<Problem> report(WhichInstance which, Report report) {
        // As precise as the database, so that what is read back names the same hosting.
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        return database.inTransaction(tx -> {
            var found = instances.lock(tx, which);
            if (found.isEmpty()) {
                return Optional.of(which.missing());
            }
            var change = new Change(tx, now, revisions, authority);
            report.apply(tx, change, found.get(), now);
            change.finish();
            return Optional.empty();
        });
    }

    private void write(
            Transaction tx,
            Change change,
            SoftwareInstance instance,
            AccessStatus status,
            Optional<Instant> runningSince) {
        if (status.repeats(instance.status()) && runningSince.equals(instance.runningSince())) {
            return;
        }
        instances.report(tx, instance.id(), status, runningSince);
        if (!instance.isShared() && !status.kind().equals(instance.status().kind())) {
            change.show(instance);
        }
    }

    void endHosting(Transaction tx, SoftwareInstance instance, Instant now) {
        instance.runningSince().ifPresent(since -> hosting.stopped(tx, hostingOf(tx, instance, since), now));
    }

    private HostingWatch.Hosting hostingOf(Transaction tx, SoftwareInstance instance, Instant since) {
        return new HostingWatch.Hosting(
                instance.reference(),
                trees.get(tx, instance.tree()).owner(),
                computers.of(tx, instance.partition().orElseThrow()).reference(),
                instance.desire().release(),
                since);
    }
}
