package org.slapos.node.agent;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slapos.node.Cgroups;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.Main;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.Command;
import org.slapos.node.host.Host;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;

/// A node in a folder of its own: the real Buildout runtime, supervisord and files, and a [LoopbackMaster]. Run by
/// root, partitions and software belong to [TenantOfTests]; otherwise to whoever runs the test.
final class TestNode implements AutoCloseable {
    final Path folder;
    final Path profiles;
    final Path instanceRoot;
    final Path softwareRoot;
    final Host host;
    final List<String> hostCalls = new CopyOnWriteArrayList<>();
    final LoopbackMaster master;
    final Path cfg;
    final Path said;
    final NodeConfiguration configuration;
    NodeRooms rooms;

    TestNode(int partitions) throws IOException {
        // Everyone has to get in, and the supervisor's socket must have a short path.
        folder = Files.createTempDirectory(Path.of("/tmp"), "slapnode");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        host = counted(new LinuxHost(UndoList.none()));
        softwareRoot = owned(folder.resolve("software"), 0755);
        instanceRoot = folder.resolve("instance");
        Files.createDirectory(instanceRoot);
        host.setMode(instanceRoot, 0755);
        profiles = Files.createDirectory(folder.resolve("profiles"));
        var ids = IntStream.range(0, partitions)
                .mapToObj(n -> new PartitionId("part" + n))
                .toList();
        for (var id : ids) {
            owned(instanceRoot.resolve(id.text()), 0750);
            Files.writeString(instanceRoot.resolve(id.text()).resolve(".slapos-resource"), "{}");
        }
        var home = Path.of(System.getProperty("slapos.home"));
        copy(home.resolve("runtime"), folder.resolve("runtime"));
        copy(home.resolve("recipe"), folder.resolve("recipe"));
        copy(home.resolve("software"), profiles);
        master = new LoopbackMaster(profiles, ids);
        Files.createDirectory(folder.resolve("pki"));
        host.setMode(folder.resolve("pki"), 0711);
        cfg = Files.writeString(folder.resolve("slapos.cfg"), """
                [slapos]
                computer_id = COMP-1
                master_url = %s
                software_root = %s
                instance_root = %s
                certificate_repository_path = %s
                runtime = %s
                root_check = %s
                promise_timeout = 5
                software_min_free_space = 1M
                instance_min_free_space = 1M
                agent_poll_seconds = 1
                """.formatted(
                        master.url(),
                        softwareRoot,
                        instanceRoot,
                        folder.resolve("pki"),
                        folder.resolve("runtime"),
                        host.isRoot()));
        said = folder.resolve("said");
        configuration = ConfigurationReader.read(cfg, Map.of());
        rooms = NodeRooms.open(configuration, host, InstantSource.system());
    }

    /// The real machine; `hostCalls` gets the name of each method that was called and changes something.
    private Host counted(Host real) {
        return (Host) Proxy.newProxyInstance(
                Host.class.getClassLoader(), new Class<?>[] {Host.class}, (_, method, arguments) -> {
                    if (method.getName().matches("run|write.*|link.*|delete.*|set.*")) {
                        hostCalls.add(method.getName() + " " + java.util.Arrays.toString(arguments));
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private Path owned(Path directory, int mode) throws IOException {
        Files.createDirectory(directory);
        if (host.isRoot()) {
            var tenant = TenantOfTests.ids();
            host.setOwner(directory, tenant.uid(), tenant.gid());
        }
        host.setMode(directory, mode);
        return directory;
    }

    Path partition(int n) {
        return instanceRoot.resolve("part" + n);
    }

    /// A file of a partition's user, with its folders.
    void place(int partition, String name, String text, int mode) throws IOException {
        for (int slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
            var directory = partition(partition).resolve(name.substring(0, slash));
            if (!Files.isDirectory(directory)) {
                Files.createDirectory(directory);
                own(partition, directory, 0750);
            }
        }
        var file = partition(partition).resolve(name);
        Files.writeString(file, text);
        own(partition, file, mode);
    }

    private void own(int partition, Path path, int mode) {
        if (host.isRoot()) {
            var owner = host.owner(partition(partition)).orElseThrow();
            host.setOwner(path, owner.uid(), owner.gid());
        }
        host.setMode(path, mode);
    }

    /// An executable of a partition, a shell's script.
    void executable(int partition, String name, String script) throws IOException {
        place(partition, name, "#!/bin/sh\n" + script + "\n", 0755);
    }

    /// The node goes on with these keys of `slapos.cfg`, by this clock.
    void reopen(Map<String, String> settings, InstantSource clock) throws IOException {
        rooms.close();
        rooms = NodeRooms.open(ConfigurationReader.read(cfg, settings), host, clock);
    }

    /// An instance of a release, as a Master describes it.
    InstanceInformation instance(int partition, String url, RequestedState state, String timestamp, String greeting) {
        return new InstanceInformation(
                LoopbackMaster.COMPUTER,
                new PartitionId("part" + partition),
                "SOFTINST-" + partition,
                "instance " + partition,
                "instance " + partition,
                "",
                url,
                "default",
                state,
                Map.of("greeting", greeting),
                Map.of(),
                Map.of(),
                List.of(List.of("lo", "127.0.0.1")),
                List.of(),
                List.of(),
                timestamp,
                "");
    }

    /// A profile that is served below `/software/`; returns its URL.
    String profile(String path, String text) throws IOException {
        var file = profiles.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        return master.profile(path);
    }

    /// A release whose build runs `sleep 599`.
    String endlessRelease() throws IOException {
        return release("slow", "all:\n\tsleep 599\ninstall:\n");
    }

    /// A release that is built by this Makefile.
    String release(String name, String makefile) throws IOException {
        var source = profile(name + "/Makefile", makefile);
        return profile(name + "/software.cfg", """
                [buildout]
                parts = it
                [it]
                recipe = slapkit:cmmi
                sources = %s#%s
                """.formatted(source, sha256(makefile)));
    }

    /// The processes of this node that a command line ends.
    Set<Long> running(String command) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").endsWith(command))
                .map(ProcessHandle::pid)
                .filter(pid -> worksIn(pid).startsWith(folder))
                .collect(Collectors.toSet());
    }

    private static Path worksIn(long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "cwd"));
        } catch (IOException _) {
            return Path.of("/");
        }
    }

    static String sha256(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    OneShot once() {
        return new OneShot(rooms);
    }

    /// A command of the node in a process of its own, behind the words of a program that executes it; what it says is
    /// appended to [#said].
    ///
    /// @return its exit status
    int command(List<String> wrapper, String... words) throws IOException, InterruptedException {
        var line = new ArrayList<>(wrapper);
        line.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        line.addAll(List.of(words));
        line.addAll(List.of("--cfg", cfg.toString()));
        return new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(said.toFile()))
                .start()
                .waitFor();
    }

    /// What goes before a command that sees what this line of a shell mounted, alone on this machine.
    static List<String> behindMount(String shell) {
        return List.of("unshare", "--mount", "sh", "-c", shell + " && exec \"$@\"", "sh");
    }

    private void copy(Path from, Path to) {
        host.run(Command.of("cp", "-a", "--no-preserve=ownership", from + "/.", to.toString()))
                .orThrow("copy " + from);
    }

    @Override
    public void close() throws IOException {
        rooms.supervisor().shutdown();
        rooms.close();
        master.close();
        Cgroups.remove(instanceRoot);
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
