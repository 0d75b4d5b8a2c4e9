package org.slapos.node.instance;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slapos.node.instance.Deployment.Reported;
import org.slapos.node.instance.ProcessPartition.Outcome;
import org.slapos.node.promise.CheckPromises;
import org.slapos.node.promise.PromiseResult;
import org.slapos.node.promise.PromiseSubject;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapClient.InstanceReport;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The promises of deployed partitions, and what the Master is told of them: only what it does not show already.
final class PartitionPromises {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionPromises.class);

    private final CheckPromises promises;
    private final SlapClient master;
    private final DeploymentStore deployments;
    private final Map<PartitionId, String> banged = new ConcurrentHashMap<>();

    PartitionPromises(CheckPromises promises, SlapClient master, DeploymentStore deployments) {
        this.promises = promises;
        this.master = master;
        this.deployments = deployments;
    }

    /// Runs them all and tells nobody.
    CheckPromises.Checked run(Partition partition) {
        return promises.check(subject(partition), PromiseResult.Kind.TEST, CheckPromises.Which.ALL);
    }

    void forget(PartitionId partition) {
        promises.forget(partition);
    }

    /// Runs those that are due, or failed at last.
    ///
    /// @param deployed  what the partition holds now
    /// @param isPatient right after a deployment a promise that is not kept is no error yet
    /// @param due       gets the time when the next one is to be run
    Outcome check(Partition partition, Deployment deployed, boolean isPatient, Consumer<Instant> due) {
        var wanted = partition.instance();
        // Whoever was not well has to be well, whoever was may fail as often as its promises forgive.
        boolean wasWell = deployed.reported() == Reported.AS_WANTED;
        boolean isNew = deployed.reported() == Reported.NOTHING;
        var checked = promises.check(
                subject(partition),
                wasWell ? PromiseResult.Kind.ANOMALY : PromiseResult.Kind.TEST,
                isNew ? CheckPromises.Which.ALL : CheckPromises.Which.DUE_AND_FAILED);
        due.accept(checked.due());
        if (deployments.find(partition.id()).filter(deployed::equals).isEmpty()) {
            return new Outcome.Unchanged(); // it became another one meanwhile
        }
        bangIfWanted(partition, checked);
        if (isNew && isPatient && checked.problem().isPresent()) {
            return new Outcome.Settling(checked.problem().get());
        }
        boolean shownAsError = wanted.accessStatus().isEmpty()
                ? !wasWell
                : wanted.accessStatus().startsWith("#error");
        if (checked.problem().isPresent() != shownAsError || isNew) {
            reportHealth(partition, deployed, checked.problem());
        }
        if (checked.problem().isPresent()) {
            return new Outcome.Unhealthy(checked.problem().get());
        }
        return isNew ? new Outcome.Done() : new Outcome.Unchanged();
    }

    /// As the watchdog does: once for each deployment.
    private void bangIfWanted(Partition partition, CheckPromises.Checked checked) {
        var timestamp = partition.instance().timestamp();
        if (checked.mustBang() && !timestamp.equals(banged.put(partition.id(), timestamp))) {
            var failing = checked.ran().stream()
                    .filter(PromiseResult::failed)
                    .map(PromiseResult::title)
                    .findFirst()
                    .orElse("");
            try {
                master.bang(partition.instance().computer(), partition.id(), "Promise " + failing + " is failing");
            } catch (SlapException e) {
                banged.remove(partition.id());
                LOG.warn("{}: the bang of its promise {} was not sent: {}", partition.id(), failing, e.getMessage());
            }
        }
    }

    private static PromiseSubject subject(Partition partition) {
        return new PromiseSubject(
                partition.instance().computer(),
                partition.id(),
                partition.directory(),
                partition.owner(),
                partition.software().path());
    }

    private void reportHealth(Partition partition, Deployment deployment, Optional<String> problem) {
        var computer = partition.instance().computer();
        if (problem.isPresent()) {
            LOG.warn("{}: {}", partition.id(), problem.get());
            master.instanceError(computer, partition.id(), problem.get());
        } else {
            LOG.info("{}: its promises are kept", partition.id());
            master.report(computer, partition.id(), InstanceReport.STARTED);
        }
        var reported = problem.isPresent() ? Reported.UNHEALTHY : Reported.AS_WANTED;
        deployments.save(partition.id(), deployment.reported(reported));
    }
}
