package org.slapos.world.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.world.computer.TestComputer.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.Cgroups;
import org.slapos.world.computer.TestComputer;

/// Two test computers and a cable: the commands of docs/operator.md are run on them as they stand there. Test
/// computers have no systemd; a script does what the units say.
@Tag("system")
class OperatorTest {
    private static final String SYSTEMCTL = """
            #!/bin/sh
            # systemctl daemon-reload | [enable --now|start|stop] UNIT
            for unit; do :; done
            [ "$unit" != daemon-reload ] || exit 0
            file=/etc/systemd/system/$unit.service
            pid=/run/$unit.pid
            case $1 in
                enable | start)
                    user=$(sed -n 's/^User=//p' "$file")
                    command=$(sed -n 's/^ExecStart=//p' "$file")
                    setsid --fork setpriv --reuid "${user:-root}" --regid "${user:-root}" --init-groups \\
                        sh -c "echo \\$\\$; exec $command" >"/var/log/$unit" 2>&1
                    until [ -s "/var/log/$unit" ]; do sleep 0.1; done
                    head -n 1 "/var/log/$unit" >"$pid" ;;
                stop)
                    kill "$(cat "$pid")"
                    while kill -0 "$(cat "$pid")" 2>/dev/null; do sleep 0.1; done ;;
            esac
            """;
    private static final Duration COMMAND = Duration.ofMinutes(6);
    private static final Pattern BLOCK =
            Pattern.compile("^```sh (\\w+)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern URL = Pattern.compile("connection url +(\\S+)");

    /// Control groups are named after it, and test computers share their tree with the machine.
    private final String root = "/srv/operator-" + ProcessHandle.current().pid();

    /// Commands of the paper for one machine, and which one.
    private record Block(String machine, String commands) {}

    /// The machine's, which test computers share.
    @AfterEach
    void removeControlGroups() {
        Cgroups.remove(Path.of(root, "instance"));
    }

    @Test
    void whatTheGuideSaysMakesACloudAndKeepsIt() throws IOException {
        try (var master = TestComputer.start();
                var computer = TestComputer.start()) {
            master.plug(computer, "eth0");
            prepare(master, "10.77.1.1/24", "fd00:99::ffff/64");
            prepare(computer, "10.77.1.2/24", "fd00:99::1/64");
            var said = new HashMap<String, String>();
            for (var block : blocks()) {
                switch (block.machine()) {
                    case "install" -> {
                        assertThat(block.commands().strip()).isEqualTo("make install");
                        run(master, TestComputer.CHECKOUT + "/bin/install");
                        run(computer, TestComputer.CHECKOUT + "/bin/install");
                    }
                    case "master" -> said.merge("master", run(master, block.commands()) + "\n", String::concat);
                    case "computer" -> {
                        bring(master, "/tmp/token", computer);
                        bring(master, "/srv/slapos-master/data/ca.crt", computer);
                        said.put("computer", run(computer, inRoomOfItsOwn(block.commands())));
                    }
                    case "restore" -> run(master, block.commands());
                    default -> throw new AssertionError("docs/operator.md has a block for " + block.machine());
                }
            }
            assertThat(said.get("computer")).contains("0 failed");
            assertThat(said.get("master")).contains("PERSON-2");
            var url = URL.matcher(said.get("master"));
            assertThat(url.find()).as(said.get("master")).isTrue();
            assertThat(url.group(1)).startsWith("http://[fd00:99::");
            assertThat(master.get(url.group(1), Duration.ofSeconds(5)).body())
                    .as("from the other machine: %s", url.group(1))
                    .contains("Hello");

            await(
                    "the restored Master answers",
                    COMMAND,
                    () -> run(master, "slapos service list -o name || true").contains("hello"));
            assertThat(run(master, "slapos request another helloworld --wait 60 -o name"))
                    .as("the node follows the restored Master")
                    .contains("another");
        }
    }

    /// Its address on the cable, the Master's name, and programs that a machine has.
    private static void prepare(TestComputer computer, String ipv4, String ipv6) throws IOException {
        run(computer, "ip link set eth0 up");
        run(computer, "ip address add " + ipv4 + " dev eth0; ip address add " + ipv6 + " dev eth0 nodad");
        run(computer, "mount -t tmpfs tmpfs /usr/local/bin");
        Files.writeString(computer.file("/etc/hosts"), "127.0.0.1 localhost\n::1 localhost\n10.77.1.1 cloud.example\n");
        var systemctl = Files.writeString(computer.file("/usr/local/bin/systemctl"), SYSTEMCTL);
        Files.setPosixFilePermissions(systemctl, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void bring(TestComputer from, String file, TestComputer to) throws IOException {
        Files.copy(from.file(file), to.file("/tmp").resolve(from.file(file).getFileName()));
    }

    /// With folders of its own, since other tests run on this machine, and little space.
    private String inRoomOfItsOwn(String commands) {
        var register = "slapos node register machine1";
        assertThat(commands).contains(register);
        return commands.replace(
                register,
                register + " --instance-root " + root + "/instance --software-root " + root + "/software"
                        + " --set instance_min_free_space=1M --set software_min_free_space=1M");
    }

    private static String run(TestComputer computer, String commands) {
        return computer.run(COMMAND, Map.of("no_proxy", "*"), List.of("sh", "-e", "-x", "-c", "cd /tmp\n" + commands))
                .succeeded();
    }

    private static List<Block> blocks() throws IOException {
        var found = new ArrayList<Block>();
        var text = Files.readString(TestComputer.checkout().resolve("docs/operator.md"));
        for (var block = BLOCK.matcher(text); block.find(); ) {
            found.add(new Block(block.group(1), block.group(2)));
        }
        assertThat(found).hasSizeGreaterThan(7);
        return found;
    }
}
