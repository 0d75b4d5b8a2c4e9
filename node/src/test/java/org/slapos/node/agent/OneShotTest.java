package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// The node's work on real parts: Buildout, supervisord, files, processes; only the Master is the test's.
class OneShotTest {
    private static final Set<String> ALL = Set.of();

    private TestNode node;

    @BeforeEach
    void open() throws IOException {
        node = new TestNode(2);
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    @Test
    @Tag("checklist:UR-01")
    void instanceIsBuiltStartedServedStoppedAndDestroyed() throws Exception {
        var url = node.master.profile("helloworld/software.cfg");
        node.master.supply(url, SoftwareState.AVAILABLE);

        assertThat(node.once().software(ALL, false)).isEqualTo(OneShot.SUCCESS);
        assertThat(node.master.methods()).containsExactly("buildingSoftwareRelease", "availableSoftwareRelease");

        node.master.calls.clear();
        node.master.promise(node.instance(0, url, RequestedState.STARTED, "1", "Bonjour"));
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
        assertThat(node.master.methods())
                .containsExactly("setComputerPartitionConnectionXml", "startedComputerPartition");
        var served = page(published());
        assertThat(served).contains("Bonjour").contains("part0");
        assertThat(Files.readString(node.partition(0).resolve(".timestamp"))).isEqualTo("1");
        assertThat(Files.readString(node.partition(0).resolve(".slapgrid/promise/result/page-greets.status.json")))
                .containsPattern("\"failed\": ?false");

        node.master.calls.clear();
        node.hostCalls.clear();
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
        assertThat(node.master.methods()).isEmpty();
        assertThat(node.hostCalls).as("an unchanged pass").isEmpty();

        node.master.promise(node.instance(0, url, RequestedState.STOPPED, "2", "Bonjour"));
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
        assertThat(node.master.methods()).contains("stoppedComputerPartition");
        assertThat(node.rooms.supervisor().processes()).isEmpty();

        var outside = Files.writeString(node.folder.resolve("precious"), "kept");
        Files.createSymbolicLink(node.partition(0).resolve("trap"), node.folder);
        node.master.calls.clear();
        node.master.promise(node.instance(0, url, RequestedState.DESTROYED, "3", "Bonjour"));
        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);
        assertThat(node.master.methods()).containsSubsequence("stoppedComputerPartition", "destroyedComputerPartition");
        assertThat(node.partition(0)).isDirectoryNotContaining(f -> !f.endsWith(".slapos-resource"));
        assertThat(outside).hasContent("kept");
        assertThat(node.folder.resolve("pki")).isEmptyDirectory();

        node.master.calls.clear();
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
        assertThat(node.master.methods()).as("destroyed once").isEmpty();

        node.master.supply(url, SoftwareState.DESTROYED);
        assertThat(node.once().software(ALL, false)).isEqualTo(OneShot.SUCCESS);
        assertThat(node.softwareRoot).isEmptyDirectory();
        assertThat(node.master.methods()).containsExactly("destroyedSoftwareRelease");
    }

    /// A proxy answers two empty texts, and tells the time in seconds with a fraction.
    @Test
    void anInstanceOfAMasterWithoutCertificatesIsToldOfNone() throws Exception {
        var url = node.master.profile("helloworld/software.cfg");
        node.master.supply(url, SoftwareState.AVAILABLE);
        node.once().software(ALL, false);
        node.master.promise(node.instance(0, url, RequestedState.STARTED, "1", "Bonjour"));
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
        assertThat(profile()).contains("cert-file = " + node.folder.resolve("pki/part0.crt"));

        node.master.hasNoCertificates();
        node.master.promise(node.instance(0, url, RequestedState.STARTED, "1796000000.123456", "Bonjour"));
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);

        assertThat(node.folder.resolve("pki")).isEmptyDirectory();
        assertThat(profile()).contains("\nkey-file =\n", "\ncert-file =\n", "\nkey_file =\n", "\ncert_file =\n");
        node.hostCalls.clear();
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
        assertThat(node.hostCalls).as("an unchanged pass").isEmpty();
    }

    private String profile() throws IOException {
        return Files.readString(node.partition(0).resolve("buildout.cfg"));
    }

    private String published() {
        var xml = node.master
                .calls("setComputerPartitionConnectionXml")
                .getFirst()
                .form()
                .required("connection_xml");
        return xml.replaceAll("(?s).*<string>(http[^<]*)</string>.*", "$1");
    }

    private static String page(String url) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
