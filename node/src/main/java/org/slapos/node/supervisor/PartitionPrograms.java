package org.slapos.node.supervisor;

import java.nio.file.Path;
import java.util.List;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.PartitionId;

/// The programs of a partition that the supervisor is to know.
///
/// @param directory the partition's own
/// @param owner     who they run as
public record PartitionPrograms(PartitionId partition, Path directory, UnixUser owner, List<Program> programs) {
    public PartitionPrograms {
        programs = List.copyOf(programs);
    }

    /// @param file    what is run, without arguments; its name is the program's
    /// @param watched from `etc/service`: tried again when it ends; otherwise from `etc/run`: runs once
    public record Program(Path file, boolean watched) {
        /// The name in the group: a watched one carries the suffix that recipes and promises look for.
        public String processName() {
            return fileName() + (watched ? "-on-watch" : "");
        }

        String fileName() {
            return String.valueOf(file.getFileName());
        }
    }
}
