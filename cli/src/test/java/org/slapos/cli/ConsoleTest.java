package org.slapos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.cli.verbs.Session;
import org.slapos.cli.verbs.Time;
import org.slapos.protocol.InstanceRequest;

class ConsoleTest {
    @TempDir
    private Path folder;

    private LoopbackMaster master;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void open() throws IOException {
        master = new LoopbackMaster();
        Files.writeString(folder.resolve("client.cfg"), "[slapos]\nmaster_url = " + master.url() + "\n");
    }

    @AfterEach
    void close() {
        master.close();
    }

    private int slapos(String input, String... arguments) {
        var environment = Map.of(
                "SLAPOS_CLIENT_CONFIGURATION", folder.resolve("client.cfg").toString());
        return Main.run(
                new Session(
                        environment,
                        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                        new PrintWriter(out),
                        new PrintWriter(err),
                        _ -> false,
                        Time.REAL),
                arguments);
    }

    private String script(String text) throws IOException {
        return Files.writeString(folder.resolve("script.jsh"), text).toString();
    }

    @Test
    void aScriptHasTheMasterAndItsArguments() throws IOException {
        master.answers("requestComputerPartition", 408, "", "no place yet").answers("supplySupply", "None");

        int status = slapos("", "console", script("""
                        #!/usr/bin/env slapos console
                        var url = "https://x/software.cfg"
                        for (var name : args) {
                            System.out.println(name + ": " + request(url, name, Map.of("size", 3)));
                        }
                        supply(url, "COMP-1")
                        System.out.println(slap.getClass().getSimpleName())
                        """), "blog", "-v", "--help");

        assertThat(status).as(err.toString()).isZero();
        assertThat(out.toString()).isEqualTo("""
                blog: NotReady[reason=no place yet]
                -v: NotReady[reason=no place yet]
                --help: NotReady[reason=no place yet]
                SlapClient
                """);
        var sent = InstanceRequest.of(master.received().getFirst().form());
        assertThat(sent.reference()).isEqualTo("blog");
        assertThat(sent.parameters()).isEqualTo(Map.of("size", "3"));
        assertThat(master.received().getLast().form().required("computer_id")).isEqualTo("COMP-1");
    }

    @Test
    void aScriptThatFailsEndsThereWithOne() throws IOException {
        assertThat(slapos("", "console", script("""
                        int half = 1 / 0;
                        System.out.println("not reached");
                        """))).isEqualTo(1);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString())
                .contains("java.lang.ArithmeticException: / by zero", "script.jsh, line 1: this failed");
    }

    @Test
    void aLineThatIsNoJavaIsSaidAndEndsWithOne() {
        assertThat(slapos("thereIsNoSuchThing()\n", "console")).isEqualTo(1);
        assertThat(err.toString()).contains("cannot find symbol", "standard input, line 1");
    }

    @Test
    void linesOfStandardInputAreRun() {
        master.answers("slapos.get.v0.instance_tree", "{\"title\": \"blog\"}");

        assertThat(slapos("""
                System.out.println(
                    getInformation("blog"))
                """, "console")).as(err.toString()).isZero();
        assertThat(out.toString()).contains("\"title\" : \"blog\"");
    }

    @Test
    void theMasterMayBeGivenOnTheLineOrInASectionOfItsOwn() throws IOException {
        var elsewhere = folder.resolve("none.cfg").toString();
        assertThat(slapos("", "console", "--cfg", elsewhere)).isEqualTo(1);
        assertThat(slapos("", "console", "--cfg", elsewhere, "-u", master.url()))
                .as(err.toString())
                .isZero();
        Files.writeString(
                folder.resolve("client.cfg"),
                "[slapos]\nmaster_url = http://127.0.0.1:1/\n[slapconsole]\nmaster_url = " + master.url()
                        + "\nipython = true\n");
        master.answers("slapos.get.v0.instance_tree", "{\"title\": \"blog\"}");
        assertThat(slapos("getInformation(\"blog\")\n", "console"))
                .as(err.toString())
                .isZero();
        assertThat(master.received()).hasSize(1);
    }
}
