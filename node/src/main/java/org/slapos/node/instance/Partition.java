package org.slapos.node.instance;

import java.nio.file.Path;
import org.slapos.node.host.UnixUser;
import org.slapos.node.software.SoftwareDirectory;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionId;

/// A ComputerPartition at hand: what is wanted in it, where it is, whose it is, and what it is made from.
record Partition(InstanceInformation instance, Path directory, UnixUser owner, SoftwareDirectory software) {
    PartitionId id() {
        return instance.partition();
    }
}
