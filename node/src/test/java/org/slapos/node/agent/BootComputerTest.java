package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.agent.BootComputer.Formatted;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.client.SlapException;

class BootComputerTest {
    @TempDir
    Path folder;

    private final List<String> done = new ArrayList<>();
    private final ArrayDeque<Formatted> formats = new ArrayDeque<>();
    private int refusals;

    @BeforeEach
    void partitions() throws IOException {
        Files.createDirectories(folder.resolve("instance/slappart0"));
        Files.createDirectories(folder.resolve("instance/other0"));
        Files.writeString(folder.resolve("instance/slappart0/.timestamp"), "1");
        Files.writeString(folder.resolve("instance/other0/.timestamp"), "1");
    }

    private NodeConfiguration configuration(String format) {
        return ConfigurationReader.of(
                IniFile.parse("slapos.cfg", """
                [slapos]
                computer_id = COMP-1
                master_url = http://127.0.0.1:1
                software_root = %s/software
                instance_root = %s/instance
                [slapformat]
                partition_amount = 1
                partition_base_name = slappart
                computer_xml = %s/computer.xml
                %s
                """.formatted(folder, folder, folder, format)), Map.of());
    }

    private BootComputer boot(NodeConfiguration configuration) {
        return new BootComputer(
                configuration,
                new LinuxHost(UndoList.none()),
                () -> {
                    var outcome = formats.isEmpty() ? Formatted.DONE : formats.pop();
                    done.add("format " + outcome);
                    return outcome;
                },
                () -> done.add("services"),
                () -> {
                    if (refusals-- > 0) {
                        done.add("refused");
                        throw new SlapException(SlapException.Kind.UNREACHABLE, "away");
                    }
                    done.add("bang");
                },
                this::pause);
    }

    private void pause(Duration duration) {
        done.add(duration.toSeconds() + " s");
        if (done.size() > 20) {
            throw new IllegalStateException("it waits for ever: " + done);
        }
    }

    @Test
    @Tag("checklist:CL-08")
    void formatsStartsServicesBangsAndHasAllProcessedAgain() throws InterruptedException {
        boot(configuration("alter_network = false")).boot();

        assertThat(done).containsExactly("format DONE", "services", "bang");
        assertThat(folder.resolve("instance/slappart0/.timestamp")).doesNotExist();
        assertThat(folder.resolve("instance/other0/.timestamp")).exists();
    }

    @Test
    @Tag("checklist:CL-09")
    void triesAgainAfterFifteenSecondsAndStartsServicesWithoutAMaster() throws InterruptedException {
        formats.addAll(List.of(Formatted.FAILED, Formatted.NOT_SENT, Formatted.NOT_SENT));
        refusals = 2;

        boot(configuration("alter_network = false")).boot();

        assertThat(done)
                .containsExactly(
                        "format FAILED",
                        "15 s",
                        "format NOT_SENT",
                        "services",
                        "15 s",
                        "format NOT_SENT",
                        "15 s",
                        "format DONE",
                        "refused",
                        "15 s",
                        "refused",
                        "15 s",
                        "bang");
    }

    @Test
    @Tag("checklist:CL-08")
    @Tag("checklist:CL-09")
    void waitsForAGlobalAddressOfItsInterface() {
        var configuration = configuration(
                "interface_name = lo\nipv4_local_network = 10.0.0.0/16\n" + "ipv6_interface = no-such-if0");

        var thrown = org.assertj.core.api.Assertions.catchThrowable(
                () -> boot(configuration).boot());

        assertThat(thrown).hasMessageContaining("it waits for ever");
        assertThat(done).containsOnly("5 s");
    }
}
