package org.slapos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.cli.verbs.Session;
import org.slapos.cli.verbs.Time;
import org.slapos.protocol.AccessStatus;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// `slapos request`: what is sent, what is checked before, and what it waits for.
class RequestTest {
    private static final Instant ASKED = Instant.parse("2026-01-01T00:00:10Z");

    @TempDir
    private Path folder;

    private LoopbackMaster master;
    private String url;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Instant now = ASKED;
    private Runnable atNextPause = () -> {};

    @BeforeEach
    void open() throws IOException {
        master = new LoopbackMaster();
        url = master.url() + "/software.cfg";
        Files.writeString(folder.resolve("client.cfg"), "[slapos]\nmaster_url = " + master.url() + "/slap\n");
        master.answers("requestComputerPartition", 200, placed(), "");
    }

    @AfterEach
    void close() {
        master.close();
    }

    private int slapos(String... arguments) {
        err.getBuffer().setLength(0);
        var time = new Time() {
            @Override
            public Instant now() {
                return now;
            }

            @Override
            public void pause(Duration length) {
                now = now.plus(length);
                atNextPause.run();
            }
        };
        var environment = Map.of(
                "SLAPOS_CLIENT_CONFIGURATION", folder.resolve("client.cfg").toString());
        return Main.run(
                new Session(
                        environment,
                        InputStream.nullInputStream(),
                        new PrintWriter(out),
                        new PrintWriter(err),
                        _ -> false,
                        time),
                arguments);
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private InstanceRequest sent() {
        return master.received().stream()
                .filter(received -> received.method().equals("requestComputerPartition"))
                .reduce((_, last) -> last)
                .map(received -> InstanceRequest.of(received.form()))
                .orElseThrow();
    }

    private void isReported(String text, Instant when, long moment) {
        master.answers("slapos.get.v0.instance_tree", """
                        {"title": "blog", "instance_guid": "SOFTINST-1", "software_release_uri": "%s",
                         "software_type": "default", "state": "started", "computer_guid": "COMP-1",
                         "compute_partition_id": "slappart0", "access_status_message": "%s",
                         "processing_timestamp": %d, "parameters": {"size": "3"}, "connection_parameters": {}}
                        """.formatted(url, text, moment))
                .answers(
                        "getComputerPartitionStatus",
                        MarshalWriter.write(new AccessStatus(
                                        text,
                                        "started",
                                        "COMP-1",
                                        Optional.of(when),
                                        Optional.of(when),
                                        "SOFTINST-1",
                                        "Software Instance",
                                        AccessStatus.Silence.NONE)
                                .toValue()));
    }

    private static String placed() {
        return MarshalWriter.write(new InstanceInformation(
                        new ComputerId("COMP-1"),
                        new PartitionId("slappart0"),
                        "SOFTINST-1",
                        "blog",
                        "blog",
                        "",
                        "https://x/software.cfg",
                        "default",
                        RequestedState.STARTED,
                        Map.of(),
                        Map.of("_", "{\"url\": \"http://[::1]/\"}"),
                        Map.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        "1",
                        "")
                .toSoftwareInstance());
    }

    @Test
    @Tag("checklist:CL-25")
    void whatWasPublishedAsOneJsonTextIsUnwrapped() {
        assertThat(slapos("request", "blog", url)).as(err.toString()).isZero();

        assertThat(err.toString()).contains("\"url\": \"http://[::1]/\"").doesNotContain("\"_\"", "\\\"");
    }

    @Test
    void aChangedInstanceIsWaitedForUntilItsNodeReportsTheChange() {
        long old = ASKED.minusSeconds(60).getEpochSecond() * 1_000_000;
        long changed = ASKED.getEpochSecond() * 1_000_000;
        isReported("#access Instance correctly started", ASKED.minusSeconds(50), old);
        var pauses = new int[1];
        atNextPause = () -> {
            pauses[0]++;
            isReported(
                    "#access Instance correctly started",
                    pauses[0] < 5 ? ASKED.minusSeconds(50) : ASKED.plusSeconds(2),
                    changed);
        };
        master.then(
                "requestComputerPartition",
                () -> isReported("#access Instance correctly started", ASKED.minusSeconds(50), changed));

        assertThat(slapos("request", "blog", url, "--parameters", "size=4", "--wait", "30"))
                .as(err.toString())
                .isZero();
        assertThat(pauses[0]).isEqualTo(5);
        assertThat(err.toString()).containsOnlyOnce("INFO blog: COMP-1 slappart0, #access");
    }

    @Test
    void whatIsAskedAgainUnchangedIsNotWaitedFor() {
        long old = ASKED.minusSeconds(60).getEpochSecond() * 1_000_000;
        isReported("#access Instance correctly started", ASKED.minusSeconds(50), old);
        atNextPause = () -> {
            throw new AssertionError("waited");
        };

        assertThat(slapos("request", "blog", url, "--wait", "30")).isZero();
    }

    @Test
    void waitingEndsWithTwoWhenTheTimeIsUp() {
        isReported("#error promise failed", ASKED, 1);

        assertThat(slapos("request", "blog", url, "--wait", "3")).isEqualTo(2);
        assertThat(err.toString()).contains("WARNING blog is not started after 3 s: COMP-1 slappart0, #error promise");
        assertThat(now).isAfterOrEqualTo(ASKED.plusSeconds(3));
    }

    /// A proxy calls what is not there forbidden.
    @Test
    void whatAProxyDoesNotKnowYetIsWaitedFor() {
        var forbidden = "{\"status\": 403, \"type\": \"Forbidden\", \"title\": \"...\"}";
        master.answers("slapos.get.v0.instance_tree", 403, forbidden, "")
                .answers("slapos.allDocs.v0.instance_tree_list", "{\"result_list\": []}")
                .then("requestComputerPartition", () -> isReported("#access Instance correctly started", ASKED, 1));

        assertThat(slapos("request", "blog", url, "--wait", "30")).isZero();
    }

    @Test
    void whoIsRefusedTheTreesIsNotToldThatThereAreNone() {
        var forbidden = "{\"status\": 403, \"type\": \"Forbidden\", \"title\": \"...\"}";
        master.answers("slapos.get.v0.instance_tree", 403, forbidden, "")
                .answers("slapos.allDocs.v0.instance_tree_list", 403, forbidden, "");

        assertThat(slapos("service", "info", "blog")).isEqualTo(1);
        assertThat(err.toString()).contains("may not do this");
    }

    @Test
    void aStateWithoutParametersWarnsAndKeepingThemSendsThem() {
        assertThat(slapos("request", "blog", url, "--state", "stopped")).isZero();
        assertThat(err.toString()).contains("WARNING no parameters are given").contains("--keep-parameters keeps them");
        assertThat(sent().parameters()).isEmpty();

        isReported("", ASKED, 1);
        assertThat(slapos("request", "blog", url, "--state", "stopped", "--keep-parameters"))
                .isZero();
        assertThat(err.toString()).doesNotContain("WARNING");
        assertThat(sent().parameters()).isEqualTo(Map.of("size", "3"));
        assertThat(sent().state()).isEqualTo(Optional.of(RequestedState.STOPPED));
    }

    @Test
    @Tag("checklist:CL-32")
    void aProductIsItsBestRelease() {
        master.answers(
                "getSoftwareReleaseListFromSoftwareProduct",
                MarshalWriter.write(Value.list(List.of(Value.of("https://x/2.cfg"), Value.of("https://x/1.cfg")))));
        assertThat(slapos("request", "blog", "product.wordpress"))
                .as(err.toString())
                .isZero();
        assertThat(sent().softwareRelease()).isEqualTo("https://x/2.cfg");

        master.answers("getSoftwareReleaseListFromSoftwareProduct", MarshalWriter.write(Value.list(List.of())));
        assertThat(slapos("supply", "product.none", "COMP-1")).isEqualTo(1);
        assertThat(err.toString()).contains("no SoftwareRelease of a product 'none'");
    }

    @Test
    @Tag("checklist:CL-30")
    void yamlIsSentAsOneJsonTextWhenTheReleaseWantsIt() throws IOException {
        master.answers("software.cfg.json", """
                {"serialisation": "xml", "software-type": {"big": {"serialisation": "json-in-xml"}}}
                """);
        var yaml = file("p.yaml", "size: 3\nnames: [a, b]\n").toString();

        assertThat(slapos("request", "blog", url, "--type", "big", "--parameters-file", yaml))
                .as(err.toString())
                .isZero();
        assertThat(sent().parameters()).isEqualTo(Map.of("_", """
                {
                  "names": [
                    "a",
                    "b"
                  ],
                  "size": 3
                }"""));
        assertThat(slapos("request", "blog", url, "--parameters-file", yaml)).isEqualTo(2);
        assertThat(err.toString()).contains("'names' is not a plain value");
    }

    @Test
    @Tag("checklist:CL-26")
    @Tag("checklist:CL-27")
    void parametersAreCheckedAgainstTheReleasesSchemaBeforeTheyAreSent() throws IOException {
        master.answers("software.cfg.json", """
                        {"serialisation": "json-in-xml",
                         "software-type": {"RootSoftwareInstance": {"request": "schema/input.json"}}}
                        """)
                .answers("input.json", """
                        {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
                         "properties": {"size": {"$ref": "size.json"}}, "additionalProperties": false}
                        """)
                .answers("size.json", "{\"type\": \"integer\", \"minimum\": 1}");
        var good = file("good.json", "{\"size\": 3}").toString();
        var bad = file("bad.json", "{\"size\": 0, \"colour\": \"red\"}").toString();

        assertThat(slapos("request", "blog", url, "--parameters-file", good, "--strict"))
                .as(err.toString())
                .isZero();
        assertThat(err.toString()).doesNotContain("WARNING");
        int requests = master.received().size();
        assertThat(slapos("request", "blog", url, "--parameters-file", bad, "--strict"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("/size", "colour", "nothing was requested");
        assertThat(master.received().stream().skip(requests))
                .noneMatch(received -> received.method().equals("requestComputerPartition"));
        assertThat(slapos("request", "blog", url, "--parameters-file", bad)).isZero();
        assertThat(err.toString()).containsOnlyOnce("WARNING").containsSubsequence("WARNING", "/size", "colour");
        assertThat(sent().parameters().get("_")).contains("\"size\": 0", "red");
    }

    @Test
    @Tag("checklist:CL-28")
    void aBrokenSchemaOnlyWarns() throws IOException {
        master.answers("software.cfg.json", """
                        {"serialisation": "json-in-xml", "software-type": {"default": {"request": "input.json"}}}
                        """);
        var file = file("p.json", "{\"size\": 3}").toString();

        for (var schema : List.of(
                "this is no JSON",
                "{\"type\": \"no such type\"}",
                "{\"type\": 5}",
                "{\"properties\": {\"size\": {\"$ref\": \"there-is-none.json\"}}}")) {
            master.answers("input.json", schema);
            int before = master.received().size();
            assertThat(slapos("request", "blog", url, "--parameters-file", file))
                    .as(schema)
                    .isZero();
            assertThat(err.toString()).as(schema).containsOnlyOnce("WARNING the parameters are not checked: ");
            assertThat(master.received().stream().skip(before))
                    .as(schema)
                    .anyMatch(received -> received.method().equals("requestComputerPartition"));
        }
    }

    @Test
    @Tag("checklist:CL-29")
    void anUnknownSerialisationIsAnErrorUnlessForced() throws IOException {
        var file = file("p.json", "{\"size\": 3}").toString();

        assertThat(slapos("request", "blog", url, "--parameters-file", file)).isEqualTo(1);
        assertThat(err.toString()).contains("Give --force-serialisation xml or json-in-xml.");
        assertThat(slapos("request", "blog", url, "--parameters-file", file, "--force-serialisation", "xml"))
                .isZero();
        assertThat(sent().parameters()).isEqualTo(Map.of("size", "3"));
    }

    @Test
    void whatItPublishesIsPrintedInTheFormThatIsAskedFor() {
        assertThat(slapos("request", "blog", url)).isZero();
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).contains("INFO Its connection parameters are:\n{\n  \"url\": \"http://[::1]/\"\n}");
        assertThat(slapos("request", "blog", url, "-o", "json", "-q")).isZero();
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString()).contains("\"partition\": \"slappart0\"");
    }
}
