package org.slapos.node.promise;

import java.nio.file.Path;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.PartitionId;

/// Whose promises are checked.
///
/// @param directory of the partition
/// @param owner     who they run as
/// @param software  directory of the SoftwareRelease, whose Python runs plug-ins
public record PromiseSubject(
        ComputerId computer, PartitionId partition, Path directory, UnixUser owner, Path software) {}
