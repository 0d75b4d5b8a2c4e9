package org.slapos.node.usage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slapos.node.host.RunningProcess;
import org.slapos.protocol.PartitionId;

/// A partition whose use is measured.
///
/// @param reference what movements call it: its user, or the partition itself when users are shared
/// @param uid       of its processes, when the user is its own
/// @param roots     pids of its supervised processes: with what they started they are the partition's processes when
///                  the user is shared
public record MeasuredPartition(
        PartitionId partition, String reference, Path directory, int uid, boolean userIsShared, Set<Long> roots) {
    public MeasuredPartition {
        roots = Set.copyOf(roots);
    }

    /// Its processes among all of the users of partitions.
    <P extends RunningProcess> List<P> processes(List<P> all) {
        return userIsShared
                ? family(all)
                : all.stream().filter(process -> process.uid() == uid).toList();
    }

    private <P extends RunningProcess> List<P> family(List<P> all) {
        var children = new HashMap<Long, List<P>>();
        all.forEach(process -> children.computeIfAbsent(process.parent(), _ -> new ArrayList<>())
                .add(process));
        var found = new ArrayList<>(
                all.stream().filter(process -> roots.contains(process.pid())).toList());
        var seen = new HashSet<>(roots);
        for (int i = 0; i < found.size(); i++) {
            for (var child : children.getOrDefault(found.get(i).pid(), List.of())) {
                if (seen.add(child.pid())) {
                    found.add(child);
                }
            }
        }
        return found;
    }
}
