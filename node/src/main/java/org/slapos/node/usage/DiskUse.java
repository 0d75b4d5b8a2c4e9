package org.slapos.node.usage;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slapos.node.host.Command;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;

/// How much of its disks a directory takes, measured by `du` when nobody else wants the processor.
final class DiskUse {
    private DiskUse() {}

    /// The sum of all, each on its own file system alone, in KiB.
    ///
    /// @throws HostException when it cannot be measured in that time
    static long kib(Host host, List<Path> directories, Duration deadline) {
        var line = new ArrayList<>(List.of("nice", "-n", "19", "du", "-skxc", "--"));
        directories.forEach(directory -> line.add(directory.toString()));
        var result = host.run(Command.of(line).withDeadline(deadline));
        // Files that vanish meanwhile make du complain; its sum, on the last line, is good all the same.
        var sum = result.output().strip().lines().reduce("", (_, last) -> last).split("\t", 2)[0];
        if (result.timedOut() || !sum.matches("\\d{1,15}")) {
            throw new HostException("cannot measure " + directories.getFirst() + ": "
                    + (result.timedOut()
                            ? "no end after " + deadline
                            : result.output().strip()));
        }
        return Long.parseLong(sum);
    }
}
