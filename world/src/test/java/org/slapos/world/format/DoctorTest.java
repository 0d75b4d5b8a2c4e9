package org.slapos.world.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.world.computer.TestComputer;

/// `slapos node doctor` on machines that are well, and on machines with one thing wrong.
@Tag("system")
class DoctorTest {
    private FormattedComputer node;
    private TestComputer computer;

    @BeforeEach
    void formattedNode() throws IOException {
        node = FormattedComputer.start(2);
        computer = node.computer();
        node.startMaster();
        node.node("format").succeeded();
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void aMachineThatIsWellIsSaidToBeAndIsLeftAsItWas() throws IOException {
        node.node("supervisord").succeeded();
        var before = node.state();

        var findings = examine(0);

        assertThat(findings)
                .containsKeys("tools", "instance-disk", "software-disk", "certificate", "kvm")
                .extractingByKeys(
                        "format",
                        "users",
                        "instance-root",
                        "ipv4",
                        "ipv6",
                        "own-address",
                        "tap",
                        "buildout",
                        "supervisor",
                        "master",
                        "clock",
                        "identity")
                .extracting(finding -> finding.path("verdict").asText())
                .containsOnly("well");
        assertThat(node.state()).isEqualTo(before);
        assertThat(computer.run("ls", "-A", "/srv/slapgrid").succeeded()).doesNotContain("doctor");
    }

    @Test
    void eachThingThatIsWrongIsNamedWithHowToMendIt() throws IOException {
        computer.run("mount", "-o", "remount,noexec", "/srv").succeeded();
        computer.run("ip", "address", "del", "fd00:5::3/64", "dev", "lo").succeeded();
        computer.run("chmod", "600", "/dev/net/tun").succeeded();
        computer.run("sed", "-i", "s/instance_min_free_space.*/instance_min_free_space = 900T/", FormattedComputer.CFG)
                .succeeded();
        computer.run(
                        "nft",
                        "add table inet walls; add chain inet walls w { type filter hook output priority -10; };"
                                + " add rule inet walls w ip daddr 10.0.0.0/16 drop")
                .succeeded();

        var findings = examine(1);

        assertThat(verdict(findings, "instance-root")).isEqualTo("failed");
        assertThat(mend(findings, "instance-root")).contains("noexec");
        assertThat(verdict(findings, "format")).isEqualTo("failed");
        assertThat(mend(findings, "format")).contains("slapos node format");
        assertThat(verdict(findings, "tap")).isEqualTo("warning");
        assertThat(mend(findings, "tap")).contains("chmod 0666 /dev/net/tun");
        assertThat(verdict(findings, "instance-disk")).isEqualTo("failed");
        assertThat(mend(findings, "instance-disk")).contains("instance_min_free_space");
        assertThat(verdict(findings, "ipv4")).isEqualTo("failed");
        assertThat(mend(findings, "ipv4")).contains("firewall");
        assertThat(verdict(findings, "supervisor")).isEqualTo("warning");
        assertThat(verdict(findings, "ipv6")).isEqualTo("well");
    }

    @Test
    void aMasterThatIsAwayAndAClockThatIsWrongAreNamed() throws IOException {
        computer.run("sed", "-i", "s/:5000/:5999/", FormattedComputer.CFG).succeeded();

        var findings = examine(1);

        assertThat(verdict(findings, "master")).isEqualTo("failed");
        assertThat(mend(findings, "master")).contains("master_url");
        assertThat(verdict(findings, "clock")).isEqualTo("skipped");
    }

    @Test
    void whatAKilledDoctorLeftIsTakenAwayByTheNext() throws IOException {
        node.node("supervisord").succeeded();
        var before = node.state();
        computer.run(
                        "useradd",
                        "--system",
                        "--no-create-home",
                        "--home-dir",
                        "/srv/slapgrid/.slapos-doctor-1",
                        "slapdoctor1")
                .succeeded();
        computer.run(
                        "sh",
                        "-c",
                        "printf 'user\\tslapdoctor1\\t/srv/slapgrid/.slapos-doctor-1\\n' >/srv/slapgrid/.slapos-doctor.undo"
                                + " && chmod 600 /srv/slapgrid/.slapos-doctor.undo")
                .succeeded();

        examine(0);

        assertThat(node.state()).isEqualTo(before);
    }

    private Map<String, JsonNode> examine(int status) throws IOException {
        var outcome = node.node("doctor", "-o", "json");
        var text = outcome.output();
        var report = new ObjectMapper().readTree(text.substring(Math.max(0, text.indexOf('{'))));
        assertThat(outcome.status()).as(text).isEqualTo(status);
        assertThat(report.path("healthy").asBoolean()).isEqualTo(status == 0);
        var findings = new HashMap<String, JsonNode>();
        report.path("checks").forEach(one -> findings.put(one.path("check").asText(), one));
        return findings;
    }

    private static String verdict(Map<String, JsonNode> findings, String check) {
        return Objects.requireNonNull(findings.get(check), check)
                .path("verdict")
                .asText();
    }

    private static String mend(Map<String, JsonNode> findings, String check) {
        return Objects.requireNonNull(findings.get(check), check).path("mend").asText();
    }
}
