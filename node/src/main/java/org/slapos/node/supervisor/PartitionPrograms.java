package org.slapos.node.supervisor;

import java.nio.file.Path;
import java.util.List;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.PartitionId;

/// Programs of a partition that the supervisor is to know as one group.
///
/// @param suffix    empty for the instance's own; else of a group beside it, such as `prerm`
/// @param directory the partition's own
/// @param owner     who they run as
public record PartitionPrograms(
        PartitionId partition, String suffix, Path directory, UnixUser owner, List<Program> programs) {
    public PartitionPrograms {
        programs = List.copyOf(programs);
    }

    /// The instance's own programs.
    public PartitionPrograms(PartitionId partition, Path directory, UnixUser owner, List<Program> programs) {
        this(partition, "", directory, owner, programs);
    }

    /// `<partition>`, or `<partition>-<suffix>`.
    public String group() {
        return groupName(partition, suffix);
    }

    static String groupName(PartitionId partition, String suffix) {
        return suffix.isEmpty() ? partition.text() : partition.text() + "-" + suffix;
    }

    /// @param name    of the program, in its partition
    /// @param command what is run, the program first, without a shell
    /// @param watched from `etc/service`: tried again when it ends; otherwise it runs once
    /// @param content says what stands in its file: when it changes, the program is started anew
    public record Program(String name, List<String> command, boolean watched, String content) {
        public Program {
            command = List.copyOf(command);
        }

        /// A file that is run without arguments; its name is the program's.
        public Program(Path file, boolean watched, String content) {
            this(String.valueOf(file.getFileName()), List.of(file.toString()), watched, content);
        }

        /// The name in the group: a watched one carries the suffix that recipes and promises look for.
        public String processName() {
            return name + (watched ? "-on-watch" : "");
        }
    }
}
