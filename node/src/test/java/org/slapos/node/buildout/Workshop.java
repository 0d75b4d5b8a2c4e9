package org.slapos.node.buildout;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.Command;
import org.slapos.node.host.CommandResult;
import org.slapos.node.host.Host;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.node.host.UnixUser;

/// The real runtime in a folder that everyone can read, and partitions to run profiles in. Run by root, each partition
/// belongs to a user id of its own; otherwise to whoever runs the test.
final class Workshop implements AutoCloseable {
    private static final int FIRST_USER = 64_310;
    private static final long MEMORY = 512L << 20;

    final Host host = new LinuxHost(UndoList.none());
    final Path folder;
    final Buildout buildout;
    private final Map<Path, Integer> users = new ConcurrentHashMap<>();

    Workshop(boolean warm) throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "slapwarm");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        var home = Path.of(System.getProperty("slapos.home"));
        for (var name : List.of("runtime", "recipe")) {
            host.run(Command.of("cp", "-a", "--no-preserve=ownership", home.resolve(name) + "/.", folder + "/" + name))
                    .orThrow("copy " + name);
        }
        Files.createDirectories(folder.resolve("var/run"));
        buildout = new Buildout(
                host,
                folder.resolve("runtime"),
                Optional.empty(),
                folder,
                new NodeConfiguration.Work(warm, MEMORY, 1, 100, Map.of()));
    }

    /// An empty partition with this profile.
    Path partition(String name, String profile) throws IOException {
        var directory = Files.createDirectory(folder.resolve(name));
        users.put(directory, FIRST_USER + users.size());
        profile(directory, profile);
        own(directory);
        host.setMode(directory, 0750);
        return directory;
    }

    void profile(Path partition, String profile) throws IOException {
        Files.writeString(partition.resolve("buildout.cfg"), profile);
        host.setMode(partition.resolve("buildout.cfg"), 0644);
    }

    /// Gives all that is in a partition to its user.
    void own(Path partition) throws IOException {
        if (!host.isRoot()) {
            return;
        }
        int uid = uid(partition);
        try (var files = Files.walk(partition)) {
            files.forEach(file -> host.setOwner(file, uid, uid));
        }
    }

    private int uid(Path partition) {
        return Optional.ofNullable(users.get(partition)).orElseThrow();
    }

    UnixUser owner(Path partition) {
        int uid = host.isRoot() ? uid(partition) : host.self().uid();
        int gid = host.isRoot() ? uid : host.self().gid();
        return new UnixUser(Integer.toString(uid), uid, gid, List.of(gid), Path.of("/"));
    }

    Buildout.Run run(Path partition, Duration deadline, Map<String, String> environment) {
        return new Buildout.Run(
                partition,
                owner(partition),
                List.of("-U", "-N", "-c", partition + "/buildout.cfg"),
                027,
                0,
                deadline,
                environment,
                _ -> {});
    }

    CommandResult warm(Path partition) {
        return buildout.runWarm(run(partition, Duration.ofSeconds(60), Map.of()));
    }

    CommandResult cold(Path partition) {
        return buildout.run(run(partition, Duration.ofSeconds(60), Map.of()));
    }

    /// The processes of the runtime's server, without those it forked.
    List<ProcessHandle> servers() {
        return ProcessHandle.allProcesses()
                .filter(this::isOfServer)
                .filter(process -> process.parent().filter(this::isOfServer).isEmpty())
                .toList();
    }

    private boolean isOfServer(ProcessHandle process) {
        return process.info()
                .commandLine()
                .orElse("")
                .contains(folder.resolve("runtime/bin/buildout-server").toString());
    }

    /// Everything in a partition: kind, owner, mode and content by name.
    Map<String, String> state(Path partition) throws IOException {
        var state = new TreeMap<String, String>();
        try (var files = Files.walk(partition)) {
            files.forEach(file -> {
                var facts = host.facts(file).orElseThrow();
                var is = facts.kind() + " " + facts.uid() + ":" + facts.gid() + " 0"
                        + Integer.toOctalString(facts.mode());
                try {
                    var content = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Files.readString(file) : "";
                    state.put(partition.relativize(file).toString(), is + " " + content);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return state;
    }

    @Override
    public void close() throws IOException {
        buildout.close();
        host.deleteTree(folder, false);
    }
}
