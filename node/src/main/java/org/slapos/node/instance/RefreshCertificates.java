package org.slapos.node.instance;

import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.software.SoftwareDirectory;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fetches the certificates of the instances again, since the Master renews them: what differs is written. Starts and
/// stops nothing; the old certificate works for some days more.
public final class RefreshCertificates {
    private static final Logger LOG = LoggerFactory.getLogger(RefreshCertificates.class);

    private final NodeConfiguration configuration;
    private final Host host;
    private final SlapClient master;
    private final PartitionCertificate certificate;

    public RefreshCertificates(NodeConfiguration configuration, Host host, SlapClient master) {
        this.configuration = configuration;
        this.host = host;
        this.master = master;
        this.certificate = new PartitionCertificate(host, configuration.certificateRepositoryPath());
    }

    /// What fails for one partition is said, and the others go on.
    public void refresh(ComputerInformation promised) {
        if (certificate.folder().isEmpty()) {
            return;
        }
        for (var partition : promised.partitions()) {
            partition
                    .instance()
                    .filter(instance -> instance.state() != RequestedState.DESTROYED)
                    .ifPresent(this::refresh);
        }
    }

    private void refresh(InstanceInformation instance) {
        var directory =
                configuration.instanceRoot().resolve(instance.partition().text());
        try {
            host.owner(directory)
                    .filter(owner -> owner.uid() != 0 || !configuration.rootCheck())
                    .ifPresent(owner -> certificate.update(
                            master,
                            new Partition(
                                    instance,
                                    directory,
                                    owner,
                                    SoftwareDirectory.of(configuration.softwareRoot(), instance.softwareRelease()))));
        } catch (HostException | SlapException e) {
            LOG.warn("the certificate of {} is not refreshed: {}", instance.partition(), e.getMessage());
        }
    }
}
