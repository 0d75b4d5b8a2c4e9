package org.slapos.master.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.slapos.master.proxy.TestProxy.COMPUTER;
import static org.slapos.master.proxy.TestProxy.SOFTWARE;
import static org.slapos.master.proxy.TestProxy.attributes;
import static org.slapos.master.proxy.TestProxy.marshalled;
import static org.slapos.master.proxy.TestProxy.tree;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.Value;

/// Requests that go to another Master, and those that nobody has to answer.
class OtherMastersTest {
    private static final String FRONTEND =
            "http://git.erp5.org/gitweb/slapos.git/blob_plain/HEAD:/software/apache-frontend/software.cfg";
    private static final String KVM =
            "http://git.erp5.org/gitweb/slapos.git/blob_plain/refs/tags/slapos-0.92:/software/kvm/software.cfg";
    private static final String SHARED = "<marshal><bool>1</bool></marshal>";

    @TempDir
    private Path folder;

    private TestProxy far;
    private TestProxy near;

    @BeforeEach
    void open() throws IOException {
        far = TestProxy.open();
        far.format(COMPUTER, 2);
        near = TestProxy.open(
                folder,
                "[slapproxy]\nsoftware_product_list =\n  wp " + SOFTWARE + "\n[slapos]\ncomputer_id = here\n"
                        + "[multimaster/" + far.url() + "]\nsoftware_release_list =\n  https://far.example/a.cfg\n");
        near.format("here", 2);
    }

    @AfterEach
    void close() throws IOException {
        near.close();
        far.close();
    }

    private static String conditions(String name, String text) {
        return marshalled(Map.of(name, Value.of(text)));
    }

    @Test
    void aRequestThatNamesAConfiguredMasterGoesThere() {
        var answer = near.request(
                "blog", "filter_xml", conditions("master_url", far.url().toString()));
        assertThat(answer.statusCode()).isEqualTo(200);
        var object = MarshalReader.read(answer.body()).asObject("ComputerPartition");
        assertThat(object.attributes().entries())
                .containsEntry("_master_url", Value.of(far.url().toString()))
                .containsEntry("_software_release_document", Value.of(SOFTWARE))
                .containsEntry("slap_computer_id", Value.of(COMPUTER))
                .containsEntry("slap_computer_partition_id", Value.of("slappart0"));
        assertThat(far.partition("slappart0").dictionary("_parameter_dict").requiredText("instance_title"))
                .isEqualTo("user_blog");
        assertThat(InstanceInformation.ofRequestAnswer(object).partition().text())
                .isEqualTo("slappart0");
        assertThat(near.get("getFullComputerInformation", "computer_id", "here").body())
                .doesNotContain("blog");
    }

    @Test
    void aReleaseOfAnotherMasterIsRequestedThereInTheNameOfThePartition() {
        near.request("root");
        var answer = near.request(
                "child",
                "software_release",
                "https://far.example/a.cfg",
                "computer_id",
                "here",
                "computer_partition_id",
                "slappart0");
        assertThat(attributes(answer).requiredText("_master_url"))
                .isEqualTo(far.url().toString());
        assertThat(far.partition("slappart0").dictionary("_parameter_dict").requiredText("instance_title"))
                .isEqualTo("slappart0_child");
    }

    @Test
    void theRefusalOfTheOtherMasterIsHanded() throws IOException {
        far.format(COMPUTER, 0);
        var answer = near.request(
                "blog", "filter_xml", conditions("master_url", far.url().toString()));
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("No free computer partition");
        var gone = far.url().toString();
        far.close();
        assertThat(near.request("blog", "filter_xml", conditions("master_url", gone))
                        .statusCode())
                .isEqualTo(500);
        far = TestProxy.open();
    }

    @Test
    void aProxyKnowsItselfUnderAnyName() {
        for (var name :
                new String[] {near.url().toString(), near.url().toString().replace("127.0.0.1", "localhost")}) {
            var answer = near.request("blog", "filter_xml", conditions("master_url", name));
            assertThat(attributes(answer).entries())
                    .containsEntry("slap_computer_id", Value.of("here"))
                    .doesNotContainKey("_master_url");
        }
    }

    @Test
    void whatIsNotConfiguredIsNotEvenSpokenTo() throws Exception {
        try (var listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            var other = "http://127.0.0.1:" + listening.getLocalPort() + "/internal/";
            assertThat(near.request("blog", "filter_xml", conditions("master_url", other))
                            .statusCode())
                    .isEqualTo(404);
            listening.setSoTimeout(1);
            assertThatThrownBy(listening::accept).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void aMasterThatIsNotConfiguredIsRefused() {
        var other = "http://127.0.0.1:9/";
        var answer = near.request("blog", "filter_xml", conditions("master_url", other));
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains(other).contains("multimaster");
        var json = near.json(
                "post.v0.software_instance",
                "{\"title\": \"b\", \"software_release_uri\": \"u\", \"software_type\": \"t\", \"sla_parameters\":"
                        + " {\"master_url\": \"" + other + "\"}}");
        assertThat(json.statusCode()).isEqualTo(500);
        assertThat(tree(json).path("title").asText()).contains(other);
    }

    @Test
    void theJsonMethodsForwardAsWell() {
        var json = tree(
                near.json(
                        "post.v0.software_instance",
                        "{\"title\": \"b\", \"software_release_uri\": \"https://far.example/a.cfg\", \"software_type\": \"t\"}"));
        assertThat(json.path("computer_guid").asText()).isEqualTo(COMPUTER);
        assertThat(json.path("title").asText()).isEqualTo("b");
        assertThat(json).hasSize(16);
    }

    @Test
    void aFrontendIsBypassed() {
        var parameters = marshalled(Map.of("url", Value.of("https://[2001:db8::1]:8443/a?b=c")));
        var answer = near.request(
                "shop", "software_release", FRONTEND, "shared_xml", SHARED, "partition_parameter_xml", parameters);
        var got = attributes(answer);
        assertThat(got.entries())
                .containsEntry("slap_computer_id", Value.of(""))
                .containsEntry("_partition_id", Value.of("Fake frontend for https://[2001:db8::1]:8443/a?b=c"));
        assertThat(got.dictionary("_connection_dict").texts())
                .containsEntry("secure_access", "https://[2001:db8::1]:8443/a?b=c")
                .containsEntry("domain", "[2001:db8::1]:8443");
        var json = tree(near.json(
                "post.v0.software_instance",
                "{\"title\": \"b\", \"shared\": true, \"software_release_uri\": \"" + FRONTEND
                        + "\", \"software_type\": \"default\", \"parameters\": {\"url\": \"http://h/\"}}"));
        assertThat(json.path("computer_guid").asText()).isEmpty();
        assertThat(json.path("connection_parameters").path("secure_access").asText())
                .isEqualTo("http://h/");
    }

    @Test
    void ourClientReadsWhatABypassPublishes() throws IOException {
        try (var client = SlapClient.open(new SlapClient.Settings(near.url(), Optional.empty(), Optional.empty()))) {
            var frontend =
                    placed(client, FRONTEND, InstanceRequest.DEFAULT_TYPE, Map.of("url", "http://10.0.0.1:80/a"));
            assertThat(frontend.connection())
                    .isEqualTo(Map.of("secure_access", "http://10.0.0.1:80/a", "domain", "10.0.0.1:80"));
            assertThat(frontend.state()).isEqualTo(RequestedState.STARTED);
            assertThat(frontend.addresses()).isEmpty();
            var screen = placed(client, KVM, "frontend", Map.of("host", "2001:db8::1", "port", "5900"));
            assertThat(screen.connection())
                    .containsEntry("domainname", "2001:db8::1")
                    .containsEntry("port", "5900");
        }
    }

    private static InstanceInformation placed(
            SlapClient client, String release, String type, Map<String, String> parameters) {
        var answer = client.request(new InstanceRequest(
                release,
                type,
                "shop",
                true,
                parameters,
                Map.of(),
                Optional.of(RequestedState.STARTED),
                Optional.empty(),
                Optional.empty()));
        if (answer instanceof SlapClient.RequestAnswer.Placed(var instance)) {
            return instance;
        }
        throw new AssertionError(answer);
    }

    @Test
    void aMachinesScreenIsBypassed() {
        var answer = near.request(
                "screen",
                "software_release",
                KVM,
                "software_type",
                "frontend",
                "shared_xml",
                SHARED,
                "partition_parameter_xml",
                marshalled(Map.of("host", Value.of("2001:db8::1"), "port", Value.of(5900))));
        assertThat(attributes(answer).dictionary("_connection_dict").texts())
                .containsEntry("url", "https://[2001:db8::1]:5900/")
                .containsEntry("domainname", "2001:db8::1")
                .containsEntry("port", "5900")
                .containsEntry("path", "/");
    }

    @Test
    @Tag("checklist:CL-05")
    void productsAreThoseOfTheConfiguration() {
        assertThat(near.get("getSoftwareReleaseListFromSoftwareProduct", "software_product_reference", "wp")
                        .body())
                .isEqualTo("<marshal><list id=\"i2\"><string>" + SOFTWARE + "</string></list></marshal>");
        assertThat(near.get("getSoftwareReleaseListFromSoftwareProduct", "software_product_reference", "x")
                        .body())
                .isEqualTo("<marshal><list id=\"i2\"/></marshal>");
        assertThat(near.get("getSoftwareReleaseListFromSoftwareProduct", "software_release_url", SOFTWARE)
                        .statusCode())
                .isEqualTo(500);
        assertThat(near.get("getSoftwareReleaseListFromSoftwareProduct").statusCode())
                .isEqualTo(500);
    }
}
