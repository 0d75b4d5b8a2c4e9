package org.slapos.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// How long `slapos node format` takes for 100 partitions with users, addresses, ranges, taps and own source addresses:
/// the first time, and again when all is there. Beside it the same users, folders, interfaces and addresses made one
/// command at a time, and looked at one by one. Each in a test computer of its own, the first with a proxy as its
/// Master; needs root, and the checkout.
final class FormatTime {
    private static final Path FIRST_PROCESS =
            Path.of("world/src/test/resources/org/slapos/world/computer/first-process.py");
    private static final int AGAIN = 5;

    private static final String CONFIGURATION = """
            [slapos]
            computer_id = COMP-1
            master_url = http://127.0.0.1:5000
            software_root = /opt/slapgrid
            instance_root = /srv/slapgrid
            [slapformat]
            partition_amount = 100
            computer_xml = /opt/slapos/slapos.xml
            interface_name = lo
            ipv4_local_network = 10.0.0.0/16
            computer_ipv6 = fd00:5::1/64
            """;

    private static final String ONE_BY_ONE = """
            mkdir -p /srv/slapgrid
            groupadd --system slapsoft
            for i in $(seq 0 99); do
              n=$(printf %x $((i + 2))); r=$(printf %x $((i + 1)))
              groupadd --system slapuser$i
              useradd --system --gid slapuser$i --groups slapsoft --no-create-home --home-dir /srv/slapgrid/slappart$i slapuser$i
              passwd --lock slapuser$i
              mkdir /srv/slapgrid/slappart$i
              chown slapuser$i:slapuser$i /srv/slapgrid/slappart$i
              chmod 0750 /srv/slapgrid/slappart$i
              ip tuntap add dev slaptap$i mode tap user slapuser$i
              ip link set slaptap$i up
              ip -6 addr add fd00:5:0:0:8$(printf %03x $((i + 1))):ffff:ffff:ffff/80 dev slaptap$i noprefixroute nodad
              ip addr add 10.0.0.$((i + 2))/32 dev lo
              ip -6 addr add fd00:5::$n/64 dev lo nodad
              ip -6 route add local fd00:5:0:0:4$(printf %03x $((i + 1)))::/80 dev lo
            done
            """;
    private static final String LOOK_ONE_BY_ONE = """
            for i in $(seq 0 99); do
              getent passwd slapuser$i
              stat /srv/slapgrid/slappart$i
              ip link show slaptap$i
              ip addr show dev slaptap$i
              ip -6 route show dev slaptap$i
            done
            """;

    private FormatTime() {}

    /// None unless this is root.
    static List<Figure> measure(Path home, Path log) throws IOException, InterruptedException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return List.of();
        }
        var checkout = Path.of("").toAbsolutePath();
        var launcher = "/mnt/checkout/" + checkout.relativize(home.toRealPath()) + "/bin/slapos";
        double first;
        var again = new ArrayList<Double>();
        try (var ours = Machine.start(checkout, log)) {
            ours.seconds("cat >/srv/slapos.cfg <<'END'\n" + CONFIGURATION + "END\n", 0);
            // Without a Master, format tries to reach it three times, with pauses.
            ours.seconds(
                    launcher + " proxy start >/srv/proxy.log 2>&1 &\n"
                            + "for i in $(seq 600); do grep -q 'Proxy ready' /srv/proxy.log && exit 0; sleep 0.1; done\n"
                            + "cat /srv/proxy.log; exit 1",
                    0);
            var format = launcher + " node format --quiet --cfg /srv/slapos.cfg";
            first = ours.seconds(format, 0);
            for (int i = 0; i < AGAIN; i++) {
                again.add(ours.seconds(format, 0));
            }
        }
        try (var other = Machine.start(checkout, log)) {
            double made = other.seconds(ONE_BY_ONE, 0);
            double seen = other.seconds(LOOK_ONE_BY_ONE, 0);
            return List.of(
                    new Figure("format of 100 partitions, s (beside: one command at a time)", first, made),
                    new Figure(
                            "format of them again, s (beside: looked at one by one)",
                            again.stream().sorted().toList().get(AGAIN / 2),
                            seen));
        }
    }

    /// A test computer: namespaces and files of its own, gone when closed.
    private record Machine(Process unshare, long firstProcess, Path log) implements AutoCloseable {
        static Machine start(Path checkout, Path log) throws IOException, InterruptedException {
            var unshare = new ProcessBuilder(
                            "unshare",
                            "--mount",
                            "--net",
                            "--pid",
                            "--ipc",
                            "--uts",
                            "--fork",
                            "--mount-proc",
                            "--kill-child",
                            "/usr/bin/python3",
                            "-I",
                            "-S",
                            checkout.resolve(FIRST_PROCESS).toString(),
                            checkout.toString(),
                            System.getProperty("java.home"))
                    .redirectErrorStream(true)
                    .start();
            var said = unshare.inputReader(StandardCharsets.UTF_8).readLine();
            if (!"ready".equals(said)) {
                unshare.destroyForcibly().waitFor();
                throw new IOException("a machine to measure format on did not start: " + said);
            }
            return new Machine(
                    unshare, unshare.children().findFirst().orElseThrow().pid(), log);
        }

        double seconds(String script, int status) throws IOException, InterruptedException {
            var command = new ProcessBuilder(
                            "nsenter",
                            "--target",
                            Long.toString(firstProcess),
                            "--mount",
                            "--net",
                            "--pid",
                            "--ipc",
                            "--uts",
                            "env",
                            "--ignore-environment",
                            "--chdir=/",
                            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                            "JAVA_HOME=/mnt/jdk",
                            "sh",
                            "-c",
                            script)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            var start = System.nanoTime();
            int ended = command.start().waitFor();
            double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
            if (ended != status) {
                throw new IOException("format was not measured: status " + ended + ":\n" + Files.readString(log));
            }
            return seconds;
        }

        @Override
        public void close() throws IOException {
            unshare.getOutputStream().close();
            try {
                if (!unshare.waitFor(10, TimeUnit.SECONDS)) {
                    unshare.destroyForcibly().waitFor();
                }
            } catch (InterruptedException e) {
                unshare.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
