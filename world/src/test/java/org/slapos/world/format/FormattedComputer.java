package org.slapos.world.format;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slapos.world.computer.TestComputer;
import org.slapos.world.computer.TestComputer.Outcome;

/// A test computer with a proxy as its Master and a `slapos.cfg`, driven by the commands an operator types.
final class FormattedComputer implements AutoCloseable {
    static final String CFG = "/srv/slapos.cfg";
    private static final String LAUNCHER = TestComputer.CHECKOUT + "/bin/slapos";
    private static final Duration COMMAND = Duration.ofMinutes(2);

    private final TestComputer computer;

    private FormattedComputer(TestComputer computer) {
        this.computer = computer;
    }

    /// @param format lines of `[slapformat]` beside the names of files
    static FormattedComputer start(int partitions, String... format) throws IOException {
        var computer = TestComputer.start();
        Files.writeString(computer.file(CFG), """
                [slapos]
                computer_id = COMP-1
                master_url = http://127.0.0.1:5000
                software_root = /opt/slapgrid
                instance_root = /srv/slapgrid
                instance_min_free_space = 1M
                software_min_free_space = 1M
                undo_list = /srv/undo
                [slapformat]
                partition_amount = %d
                computer_xml = /opt/slapos/slapos.xml
                interface_name = lo
                ipv4_local_network = 10.0.0.0/16
                computer_ipv6 = fd00:5::1/64
                %s
                """.formatted(partitions, String.join("\n", format)));
        return new FormattedComputer(computer);
    }

    TestComputer computer() {
        return computer;
    }

    /// `slapos node ...`.
    Outcome node(String... words) {
        var line = new ArrayList<>(List.of(LAUNCHER, "node"));
        line.addAll(List.of(words));
        line.addAll(List.of("--cfg", CFG));
        return computer.run(COMMAND, Map.of(), line);
    }

    /// Starts the Master and waits until it answers.
    void startMaster() {
        computer.run(
                        COMMAND,
                        Map.of("SLAPOS_LAUNCHER", LAUNCHER),
                        List.of(
                                "setsid",
                                "--fork",
                                "sh",
                                "-c",
                                "exec \"$SLAPOS_LAUNCHER\" proxy start --port 5000 >/tmp/proxy.log 2>&1"))
                .succeeded();
        TestComputer.await(
                "the proxy answers",
                Duration.ofSeconds(60),
                () -> computer.text("/tmp/proxy.log").contains("Proxy ready"));
    }

    /// All that format may change, as text: the same before and after what changes nothing.
    String state() {
        return computer.run(
                        "sh",
                        "-c",
                        "ip -6 rule; ip -6 route show table all | sort; ip route show table all | sort;"
                                + " ip -brief link; ip -brief address; nft --stateless list ruleset; getent passwd; getent group;"
                                + " stat -c '%n %a %u %g' /srv/* /srv/slapgrid/* /opt/* /dev/kvm /dev/net/tun;"
                                + " sysctl net.ipv6.ip_nonlocal_bind")
                .output();
    }

    @Override
    public void close() {
        computer.close();
    }
}
