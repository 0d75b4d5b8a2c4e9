package org.slapos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.marshal.MarshalWriter;

class CommandLineTest {
    private static final String URL = "https://cloud.example/software/hello/software.cfg";
    private static final String REFUSAL = "{\"type\":\"INSTANCE-TREE-NOT-FOUND\",\"title\":\"none\",\"status\":403}";

    @TempDir
    private Path folder;

    private LoopbackMaster master;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void open() throws IOException {
        master = new LoopbackMaster();
        Files.writeString(folder.resolve("client.cfg"), "[slapos]\nmaster_url = " + master.url() + "/slap\n");
    }

    @AfterEach
    void close() {
        master.close();
    }

    private int slapos(String... arguments) {
        var environment = Map.of(
                "SLAPOS_CLIENT_CONFIGURATION", folder.resolve("client.cfg").toString());
        return Main.run(environment, new PrintWriter(out), new PrintWriter(err), arguments);
    }

    private static String tree(String partition, String status) {
        return """
                {"title": "hello", "instance_guid": "SOFTINST-1", "software_release_uri": "%s",
                 "software_type": "default", "state": "started", "shared": false, "computer_guid": "COMP-1",
                 "compute_partition_id": "%s", "access_status_message": "%s",
                 "parameters": {"greeting": "Hi"}, "connection_parameters": {"url": "http://[fd00::2]:8100/"}}
                """.formatted(URL, partition, status);
    }

    private static String placed() {
        var instance = new InstanceInformation(
                new ComputerId("COMP-1"),
                new PartitionId("slappart0"),
                "SOFTINST-1",
                "hello",
                "hello",
                "",
                URL,
                "default",
                RequestedState.STARTED,
                Map.of("greeting", "Hi"),
                Map.of("url", "http://[fd00::2]:8100/"),
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                "1",
                "");
        return MarshalWriter.write(instance.toSoftwareInstance());
    }

    @Test
    @Tag("checklist:CL-23")
    @Tag("checklist:CL-24")
    void aRequestSendsWhatWasTypedAndShowsWhatWasPublished() {
        master.answers("requestComputerPartition", 200, placed(), "");

        int status = slapos(
                "request",
                "hello",
                URL,
                "--type",
                "big",
                "--state",
                "stopped",
                "--parameters",
                "greeting=Hi = there",
                "b=2\n3",
                "--node",
                "computer_guid=COMP-1");

        assertThat(status).as(err.toString()).isZero();
        var sent = InstanceRequest.of(master.received().getFirst().form());
        assertThat(sent.reference()).isEqualTo("hello");
        assertThat(sent.softwareRelease()).isEqualTo(URL);
        assertThat(sent.softwareType()).isEqualTo("big");
        assertThat(sent.parameters()).isEqualTo(Map.of("greeting", "Hi = there", "b", "2\n3"));
        assertThat(sent.filter()).isEqualTo(Map.of("computer_guid", "COMP-1"));
        assertThat(sent.state()).contains(RequestedState.STOPPED);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString())
                .containsSubsequence(
                        "Requesting hello as an instance of " + URL + "...",
                        "Instance requested. Its state is: started.",
                        "Its connection parameters are:",
                        "\"url\": \"http://[fd00::2]:8100/\"");

        assertThat(slapos("request", "hello", URL)).isZero();
        var least = InstanceRequest.of(master.received().getLast().form());
        assertThat(least.parameters()).isEmpty();
        assertThat(least.filter()).isEmpty();
        assertThat(least.state()).isEmpty();
    }

    @Test
    void aRequestThatIsNotReadyEndsWithTwoAndTheMastersReason() {
        master.answers("requestComputerPartition", 408, "", "COMP-7 has 8 of 8 in use.")
                .answers("slapos.get.v0.instance_tree", 403, REFUSAL, "");

        assertThat(slapos("request", "hello", URL)).isEqualTo(2);
        assertThat(err.toString()).contains("COMP-7 has 8 of 8 in use.");
    }

    @Test
    void waitingEndsWhenTheInstanceIsWhatWasAskedFor() {
        master.answers("requestComputerPartition", 200, placed(), "")
                .answers("slapos.get.v0.instance_tree", tree("slappart0", "#access Instance correctly started"));

        assertThat(slapos("request", "hello", URL, "--wait", "30")).isZero();
    }

    @Test
    void waitingForAnInstanceThatFailsEndsWithTwoAndItsStatus() {
        master.answers("requestComputerPartition", 200, placed(), "")
                .answers("slapos.get.v0.instance_tree", tree("slappart0", "#error promise hello failed"));

        assertThat(slapos("request", "hello", URL, "--wait", "1")).isEqualTo(2);
        assertThat(err.toString()).contains("promise hello failed");
    }

    @Test
    @Tag("checklist:CL-23")
    void aParameterThatIsNoPairOrGivenTwiceIsRefusedBeforeAnythingIsSent() {
        assertThat(slapos("request", "hello", URL, "--parameters", "greeting")).isEqualTo(2);
        assertThat(slapos("request", "hello", URL, "--parameters", "a=1", "a=2"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("'greeting' is not name=value").contains("'a' is given twice");
        assertThat(master.received()).isEmpty();
    }

    @Test
    @Tag("checklist:CL-30")
    void aParameterFileIsSentAsTheReleaseWants() throws IOException {
        var url = master.url() + "/software.cfg";
        var file = Files.writeString(folder.resolve("p.json"), "{\"greeting\": \"Hi\", \"size\": 3}");
        master.answers("requestComputerPartition", 200, placed(), "")
                .answers("slapos.get.v0.instance_tree", tree("slappart0", ""))
                .answers("software.cfg.json", "{\"serialisation\": \"xml\"}");

        assertThat(slapos("request", "hello", url, "--parameters-file", file.toString()))
                .isZero();
        assertThat(slapos(
                        "request",
                        "hello",
                        url,
                        "--parameters-file",
                        file.toString(),
                        "--force-serialisation",
                        "json-in-xml"))
                .isZero();

        var sent = master.received().stream()
                .filter(received -> received.method().equals("requestComputerPartition"))
                .map(received -> InstanceRequest.of(received.form()).parameters())
                .toList();
        assertThat(sent.getFirst()).isEqualTo(Map.of("greeting", "Hi", "size", "3"));
        assertThat(sent.getLast()).containsOnlyKeys("_");
    }

    @Test
    @Tag("checklist:CL-30")
    void aFileOfTextsAndOneThatIsWrappedAlreadyAreSentAsTheyAre() throws IOException {
        var url = master.url() + "/software.cfg";
        master.answers("requestComputerPartition", 200, placed(), "")
                .answers("slapos.get.v0.instance_tree", tree("slappart0", ""))
                .answers("software.cfg.json", "{\"serialisation\": \"json-in-xml\"}");
        var xml = Files.writeString(
                folder.resolve("p.xml"),
                "<?xml version='1.0' encoding='utf-8'?><instance><parameter id='size'>3</parameter></instance>");
        var wrapped = Files.writeString(folder.resolve("w.json"), "{\"_\": \"{\\\"size\\\": 3}\"}");

        for (var file : List.of(xml, wrapped)) {
            assertThat(slapos("request", "hello", url, "--parameters-file", file.toString()))
                    .as(err.toString())
                    .isZero();
        }

        var sent = master.received().stream()
                .filter(received -> received.method().equals("requestComputerPartition"))
                .map(received -> InstanceRequest.of(received.form()).parameters())
                .toList();
        assertThat(sent).containsExactly(Map.of("size", "3"), Map.of("_", "{\"size\": 3}"));
    }

    @Test
    void supplyAndRemoveSayTheWantedState() {
        master.answers("supplySupply", "None");

        assertThat(slapos("supply", URL, "COMP-1")).isZero();
        assertThat(slapos("remove", URL, "COMP-1")).isZero();

        assertThat(master.received())
                .extracting(received -> received.form().required("state"))
                .containsExactly("available", "destroyed");
    }

    @Test
    void supplyingToAComputerThatDoesNotExistSaysSo() {
        assertThat(slapos("supply", URL, "COMP-9")).isEqualTo(1);
        assertThat(err.toString()).contains("the Master knows no Computer COMP-9");
    }

    @Test
    void theLogOfAFailedBuildIsPrinted() {
        master.answers("slapos.get.v0.software_installation", "{\"error_log\": \"cc: no such file\\nline 2\"}");

        assertThat(slapos("software", "log", URL, "COMP-1")).isZero();
        assertThat(out.toString()).isEqualTo("cc: no such file\nline 2\n");
    }

    @Test
    void aLedgerThatIsNotBalancedIsAFailure() {
        master.answers("slapos.allDocs.v0.movement_list", """
                {"result_list": [{"resource": "hosting", "unit": "s", "quantity": null, "source": "a",
                                  "destination": "b", "start": "2026-01-01T00:00:00Z", "stop": null}],
                 "balanced": false}
                """);

        assertThat(slapos("ledger", "list")).isEqualTo(1);
        assertThat(out.toString()).contains("still open", "NOT BALANCED");
    }

    @Test
    void aTokenBecomesPrivateFilesAndIsNotSpentTwice() throws IOException {
        master.answers("Person_getCertificate", "{\"certificate\": \"CERT\", \"key\": \"KEY\"}");
        var configuration = folder.resolve("new/slapos-client.cfg");
        String[] line = {
            "configure",
            "client",
            "--cfg",
            configuration.toString(),
            "--master-url",
            master.url() + "/slap",
            "--token",
            "secret"
        };

        assertThat(slapos(line)).as(err.toString()).isZero();

        assertThat(folder.resolve("new/client.key")).hasContent("KEY");
        for (var file : List.of("slapos-client.cfg", "client.crt", "client.key")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("new/" + file))))
                    .isEqualTo("rw-------");
        }
        assertThat(master.received().getFirst().headers().get("X-access-token")).containsExactly("secret");
        assertThat(slapos(line)).isEqualTo(1);
        assertThat(err.toString()).contains("is there already and is not overwritten");
        assertThat(master.received()).hasSize(1);
    }

    @Test
    void aRefusedTokenLeavesNothingBehind() {
        master.answers("Person_getCertificate", 403, "", "This token was used already.");

        assertThat(slapos(
                        "configure",
                        "client",
                        "--cfg",
                        folder.resolve("new/client.cfg").toString(),
                        "--master-url",
                        master.url(),
                        "--token",
                        "old"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("This token was used already.");
        assertThat(folder.resolve("new")).isEmptyDirectory();
    }

    @Test
    void softwareShowVerifiesHashes() throws IOException {
        var good = Files.writeString(folder.resolve("good"), "x");
        Files.writeString(folder.resolve("software.cfg"), """
                [buildout]
                parts = a
                [a]
                recipe = slapkit:cmmi
                sources = %1$s#2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881
                patches = %1$s#%2$s
                """.formatted(good.toUri(), "00".repeat(32)));

        assertThat(slapos("software", "show", folder.resolve("software.cfg").toString()))
                .isZero();
        assertThat(slapos(
                        "software",
                        "show",
                        "--verify",
                        folder.resolve("software.cfg").toString()))
                .isEqualTo(1);
        assertThat(out.toString())
                .containsPattern("a +source +2d711642\\S+ +file:\\S+ +ok")
                .containsPattern("a +patch +0000\\S+ +file:\\S+ +DIFFERENT: 2d711642");
    }

    @Test
    void aCommandThatDoesNotExistEndsWithFive() {
        assertThat(slapos("servise", "list")).isEqualTo(5);
        assertThat(err.toString()).contains("service");
    }

    @Test
    void missingArgumentsEndWithTwo() {
        assertThat(slapos("supply", URL)).isEqualTo(2);
        assertThat(err.toString()).contains("COMPUTER");
    }

    @Test
    void helpTeachesWithAnExample() {
        assertThat(slapos("help", "request")).isZero();
        assertThat(out.toString()).contains("--parameters greeting=");
        assertThat(slapos()).isZero();
        assertThat(out.toString()).contains("slapos demo start");
    }

    @Test
    void aMasterThatIsAwayIsSaid() {
        master.close();

        assertThat(slapos("computer", "list")).isEqualTo(1);
        assertThat(err.toString()).contains("Is the Master running");
    }
}
