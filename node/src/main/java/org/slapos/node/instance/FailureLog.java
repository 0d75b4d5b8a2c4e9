package org.slapos.node.instance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.protocol.PartitionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Why a partition could not be brought to what is wanted, for whoever looks into it:
/// `.slapgrid-<partition>-error.log`,
/// there from a failure until the next deployment begins.
final class FailureLog {
    private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);

    private FailureLog() {}

    /// What cannot be written (there is no partition, or no space) is in the node's log and with the Master anyway.
    static void keep(Host host, Path partition, PartitionId id, String problem) {
        try {
            var owner = host.owner(partition).filter(it -> it.uid() != 0).orElse(null);
            if (owner != null) {
                var text = (problem + "\n").getBytes(StandardCharsets.UTF_8);
                host.writeTenantFile(partition, name(id), text, 0640, owner.uid(), owner.gid());
            }
        } catch (HostException e) {
            LOG.debug("{}", e.getMessage());
        }
    }

    static void forget(Path partition, PartitionId id) {
        var file = partition.resolve(name(id));
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new HostException("cannot delete " + file + ": " + e, e);
        }
    }

    private static String name(PartitionId id) {
        return ".slapgrid-" + id + "-error.log";
    }
}
