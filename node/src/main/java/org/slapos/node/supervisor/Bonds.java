package org.slapos.node.supervisor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.ControlGroup;
import org.slapos.node.host.UnixUser;
import org.slapos.protocol.PartitionId;

/// What binds a process to its partition, in the words of `slap-run`: the user, the cgroup with its limits, what it
/// sees of the file system. Nothing, where the node is not root.
public final class Bonds {
    private final NodeConfiguration configuration;
    private final boolean root;

    public Bonds(NodeConfiguration configuration, boolean root) {
        this.configuration = configuration;
        this.root = root;
    }

    /// The options of `slap-run`, without `--` and a command.
    public List<String> words(PartitionId id, Path directory, UnixUser owner) {
        if (!root) {
            return List.of();
        }
        var words = new ArrayList<>(
                List.of("--uid", Integer.toString(owner.uid()), "--gid", Integer.toString(owner.gid())));
        if (!owner.groups().isEmpty()) {
            words.addAll(List.of(
                    "--groups", owner.groups().stream().map(String::valueOf).collect(Collectors.joining(","))));
        }
        words.addAll(List.of("--cgroup", cgroup(id)));
        var limits = configuration.confinement();
        words.addAll(List.of("--cpu-weight", Integer.toString(limits.cpuWeight())));
        limits.memoryMaxBytes().ifPresent(bytes -> words.addAll(List.of("--memory-max", Long.toString(bytes))));
        limits.processMax().ifPresent(count -> words.addAll(List.of("--process-max", Integer.toString(count))));
        if (limits.isolation()) {
            words.addAll(List.of("--root", configuration.instanceRoot().toString()));
            words.addAll(List.of("--keep", String.join(",", kept(id, directory))));
        }
        if (hasOwnTemporary(owner)) {
            words.addAll(List.of("--tmp", temporary(id).toString()));
        }
        return words;
    }

    private String cgroup(PartitionId id) {
        return ControlGroup.ofNode(configuration.instanceRoot()) + "/" + id.text();
    }

    /// What the processes of a partition see below the instance root.
    private List<String> kept(PartitionId id, Path directory) {
        return Stream.of(
                        Stream.of(directory, logs(id), configuration.softwareRoot(), configuration.runtime()),
                        configuration.sharedPartList().stream(),
                        configuration.certificateRepositoryPath().stream())
                .flatMap(paths -> paths)
                .filter(path -> path.startsWith(configuration.instanceRoot()))
                .map(Path::toString)
                .distinct()
                .toList();
    }

    /// Where supervisord, as root, writes the output of a partition's programs.
    Path logs(PartitionId id) {
        return logFolders().resolve(id.text());
    }

    Path logFolders() {
        return configuration.instanceRoot().resolve("var/partition-log");
    }

    /// What a partition has as `/tmp`.
    Path temporary(PartitionId id) {
        return temporaryFolders().resolve(id.text());
    }

    Path temporaryFolders() {
        return configuration.instanceRoot().resolve("var/partition-tmp");
    }

    /// Not when something that an instance needs lies below the machine's own.
    boolean hasOwnTemporary(UnixUser owner) {
        return root
                && configuration.confinement().isolation()
                && Stream.of(
                                Stream.of(
                                        configuration.instanceRoot(),
                                        configuration.softwareRoot(),
                                        configuration.runtime(),
                                        owner.home()),
                                configuration.sharedPartList().stream(),
                                configuration.certificateRepositoryPath().stream())
                        .flatMap(paths -> paths)
                        .noneMatch(path -> path.startsWith("/tmp"));
    }
}
