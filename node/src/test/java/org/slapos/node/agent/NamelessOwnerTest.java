package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// A user database that cannot say for a while who owns the partitions.
@Tag("system")
class NamelessOwnerTest {
    private TestNode node;
    private String release;
    private String user;
    private List<String> withoutName;

    @BeforeEach
    void open() throws IOException {
        node = new TestNode(1);
        user = node.host.owner(node.partition(0)).orElseThrow().name();
        var users = Files.writeString(
                node.folder.resolve("passwd"),
                Files.readAllLines(Path.of("/etc/passwd")).stream()
                        .filter(line -> !line.startsWith(user + ":"))
                        .collect(Collectors.joining("\n", "", "\n")));
        node.host.setMode(users, 0644);
        withoutName = TestNode.behindMount("mount --bind " + users + " /etc/passwd");
        release = node.profile("empty/software.cfg", """
                [buildout]
                parts = instance-profile
                [instance-profile]
                recipe = slapkit:template
                inline =
                  [buildout]
                  parts =
                output = ${buildout:directory}/instance.cfg
                """);
        node.master.supply(release, SoftwareState.AVAILABLE);
        assertThat(node.once().software(java.util.Set.of(), false)).isZero();
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    @Test
    void whatIsDeployedStaysAndIsChangedUnderTheNameThatWasKnown() throws Exception {
        want("1");
        assertThat(node.once().instances(java.util.Set.of(), false)).isZero();
        var before = deployed();

        assertThat(node.command(withoutName, "instance")).isZero();
        assertThat(deployed()).as("nothing changed but the user database").isEqualTo(before);

        want("2");
        assertThat(node.command(withoutName, "instance")).isZero();
        assertThat(deployed()).isNotEqualTo(before);
        assertThat(document()).contains("\"user\" : \"" + user + "\"");
        before = deployed();
        assertThat(node.once().instances(java.util.Set.of(), false)).isZero();
        assertThat(deployed()).as("its name is known again").isEqualTo(before);
    }

    @Test
    void whoseNameWasNeverKnownIsDeployedByNumberAndByNameOnceItIsKnown() throws Exception {
        want("1");
        assertThat(node.command(withoutName, "instance")).isZero();
        assertThat(document()).containsPattern("\"user\" : \"\\d+\"");

        assertThat(node.once().instances(java.util.Set.of(), false)).isZero();

        assertThat(document()).contains("\"user\" : \"" + user + "\"");
    }

    private void want(String timestamp) {
        node.master.promise(node.instance(0, release, RequestedState.STOPPED, timestamp, "hello"));
    }

    private String deployed() throws IOException {
        return Files.readString(node.instanceRoot.resolve("var/deployment/part0.json"));
    }

    private String document() throws IOException {
        return Files.readString(node.partition(0).resolve(".slapgrid/instance.json"));
    }
}
