package org.slapos.cli.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slapos.cli.verbs.CommandFailure;
import org.slapos.cli.verbs.ExitStatus;

/// Where the demo lives and what it may take. Every path it uses is named here.
///
/// @param root         folder that holds everything it makes
/// @param port         of the Master, on loopback
/// @param minFreeBytes disk space below which it does not begin
/// @param asRoot       it makes users and addresses; otherwise everything runs as whoever calls it
/// @param masterUser   whom the Master runs as when root starts it
/// @param programs     the assembled programs that are installed into `root`
public record DemoSettings(Path root, int port, long minFreeBytes, boolean asRoot, String masterUser, Path programs) {
    /// The partitions of the demo's Computer.
    public static final int PARTITIONS = 10;

    private static final int DEFAULT_PORT = 8443;
    private static final long DEFAULT_MIN_FREE_MIB = 1024;
    /// The sockets below it must stay within the 107 bytes of a Unix socket's name.
    private static final int MAX_ROOT_LENGTH = 70;

    /// @param programs the folder of the launcher that runs this, as `slapos.home`
    /// @throws CommandFailure when a variable of the environment is not what it must be
    static DemoSettings of(Map<String, String> environment, Path programs, boolean asRoot) {
        var problems = new ArrayList<String>();
        var root = root(environment, asRoot, problems);
        var checkout = checkout(programs);
        if (root.startsWith(checkout) || checkout.startsWith(root)) {
            problems.add("SLAPOS_DEMO_ROOT must lie outside of " + checkout + ", not at " + root);
        }
        if (root.toString().length() > MAX_ROOT_LENGTH) {
            problems.add("SLAPOS_DEMO_ROOT must have at most " + MAX_ROOT_LENGTH + " characters: " + root);
        }
        var port = number(environment, "SLAPOS_DEMO_PORT", DEFAULT_PORT, 1, 65535, problems);
        var free = number(environment, "SLAPOS_DEMO_MIN_FREE_MIB", DEFAULT_MIN_FREE_MIB, 0, 1L << 40, problems);
        if (!problems.isEmpty()) {
            throw new CommandFailure(ExitStatus.FAILED, String.join("; ", problems));
        }
        var user = environment.getOrDefault("SLAPOS_MASTER_USER", "slapos");
        return new DemoSettings(root, (int) port, free * 1024 * 1024, asRoot, user, programs);
    }

    private static Path root(Map<String, String> environment, boolean asRoot, List<String> problems) {
        var given = environment.getOrDefault("SLAPOS_DEMO_ROOT", "");
        if (!given.isEmpty()) {
            var path = Path.of(given);
            if (!path.isAbsolute() || path.normalize().getNameCount() < 2) {
                problems.add("SLAPOS_DEMO_ROOT must be an absolute path of two names or more, not '" + given + "'");
            }
            return path.toAbsolutePath().normalize();
        }
        return asRoot
                ? Path.of("/srv/slapos-demo")
                : Path.of(environment.getOrDefault("HOME", "/nonexistent"), ".local", "share", "slapos-demo");
    }

    /// The checkout whose `dist/target/slapos` the programs are in, or the installed copy itself.
    private static Path checkout(Path programs) {
        return programs.endsWith(Path.of("dist", "target", "slapos"))
                ? programs.resolve("../../..").normalize()
                : programs;
    }

    private static long number(
            Map<String, String> environment, String name, long usual, long least, long most, List<String> problems) {
        var text = environment.getOrDefault(name, "");
        if (text.isEmpty()) {
            return usual;
        }
        if (text.matches("[0-9]{1,13}") && Long.parseLong(text) >= least && Long.parseLong(text) <= most) {
            return Long.parseLong(text);
        }
        problems.add(name + " must be a number from " + least + " to " + most + ", not '" + text + "'");
        return usual;
    }

    /// Held while the demo is being changed, and the sign that the folder is the demo's.
    Path lock() {
        return root.resolve("demo.lock");
    }

    /// The installed copy of the programs.
    Path app() {
        return root.resolve("app");
    }

    Path etc() {
        return root.resolve("etc");
    }

    Path log() {
        return root.resolve("log");
    }

    Path run() {
        return root.resolve("run");
    }

    /// What was made on the machine, in the format of `slapos node undo`.
    Path undoList() {
        return etc().resolve("undo.list");
    }

    /// Owned by whom the Master runs as; its data folder is in it, so that its key file can lie beside that.
    Path masterFolder() {
        return root.resolve("master");
    }

    Path masterData() {
        return masterFolder().resolve("data");
    }

    /// A copy, for everybody, of the Master's own authority.
    Path authority() {
        return etc().resolve("ca.crt");
    }

    Path clientConfiguration() {
        return etc().resolve("client").resolve("slapos-client.cfg");
    }

    Path nodeConfiguration() {
        return etc().resolve("node").resolve("slapos.cfg");
    }

    Path instanceRoot() {
        return root.resolve("instance");
    }

    Path softwareRoot() {
        return root.resolve("software");
    }

    String web() {
        return "https://127.0.0.1:" + port;
    }

    String slap() {
        return web() + "/slap";
    }

    String helloworld() {
        return web() + "/software/helloworld/software.cfg";
    }

    /// The users it makes; none unless root.
    List<String> users() {
        return asRoot
                ? Stream.concat(
                                Stream.of(masterUser, "slapsoft"),
                                IntStream.range(0, PARTITIONS).mapToObj(i -> "slapuser" + i))
                        .toList()
                : List.of();
    }
}
