package org.slapos.node.instance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slapos.node.host.Host;
import org.slapos.node.software.SoftwareDirectory;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;

/// A partition with a started instance in a folder of its own, of a user of this run's own when root runs it.
final class Tenant {
    static final int USER = 60_001 + (int) (ProcessHandle.current().pid() % 1_000);

    private Tenant() {}

    static Partition in(Host host, Path root) throws IOException {
        var directory = Files.createDirectory(root.resolve("part0"));
        host.setMode(directory, 0750);
        if (host.isRoot()) {
            host.setOwner(directory, USER, USER);
        }
        var instance = new InstanceInformation(
                new ComputerId("COMP-1"),
                new PartitionId("part0"),
                "SOFTINST-1",
                "one",
                "one",
                "",
                "http://[::1]/software.cfg",
                "default",
                RequestedState.STARTED,
                Map.of(),
                Map.of(),
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                "1",
                "");
        return new Partition(
                instance,
                directory,
                host.owner(directory).orElseThrow(),
                SoftwareDirectory.of(root.resolve("software"), instance.softwareRelease()));
    }
}
