package org.slapos.master.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.slapos.master.proxy.TestProxy.COMPUTER;
import static org.slapos.master.proxy.TestProxy.attributes;
import static org.slapos.master.proxy.TestProxy.marshalled;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.protocol.marshal.Value;

/// The state of a proxy: forgotten or kept, and shown.
class StateTest {
    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("proxy.state");
    }

    private TestProxy kept() throws IOException {
        return TestProxy.open(folder, "[slapproxy]\ndatabase_uri = " + file() + "\n");
    }

    private String show(String... options) {
        var out = new StringWriter();
        var arguments = new String[options.length + 3];
        arguments[0] = "show";
        arguments[1] = "-u";
        arguments[2] = file().toString();
        System.arraycopy(options, 0, arguments, 3, options.length);
        int status = Main.run(Map.of(), new PrintWriter(out, true), new PrintWriter(out, true), arguments);
        return status + "\n" + out;
    }

    @Test
    void withoutAFileEachStartIsEmpty() throws IOException {
        for (var uri : new String[] {"", "database_uri = :memory:\n"}) {
            try (var proxy = TestProxy.open(folder, "[slapproxy]\n" + uri)) {
                proxy.format(COMPUTER, 1);
                assertThat(proxy.request("blog").statusCode()).isEqualTo(200);
                proxy.restart();
                assertThat(attributes(proxy.get("getFullComputerInformation", "computer_id", COMPUTER))
                                .items("_computer_partition_list"))
                        .isEmpty();
            }
        }
    }

    @Test
    void aKeptStateIsTheSameAfterAStart() throws IOException {
        try (var proxy = kept()) {
            proxy.format(COMPUTER, 2);
            proxy.request("blog", "partition_parameter_xml", marshalled(Map.of("a", Value.of("é<&"))));
            proxy.request(
                    "shop",
                    "shared_xml",
                    "<marshal><bool>1</bool></marshal>",
                    "partition_parameter_xml",
                    marshalled(Map.of("port", Value.of(8080))));
            proxy.post("supplySupply", "url", "https://x/", "computer_id", COMPUTER, "state", "available");
            var before = proxy.get("getFullComputerInformation", "computer_id", COMPUTER)
                    .body();
            proxy.restart();
            assertThat(proxy.get("getFullComputerInformation", "computer_id", COMPUTER)
                            .body())
                    .isEqualTo(before);
            assertThat(proxy.request("blog").statusCode()).isEqualTo(200);
        }
        assertThat(Files.getPosixFilePermissions(file())).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void aSecondProxyOnTheSameFileIsRefused() throws IOException {
        try (var _ = kept()) {
            assertThatThrownBy(this::kept).isInstanceOf(IOException.class).hasMessageContaining("another proxy");
        }
        kept().close();
    }

    @Test
    void aFileThatIsNotOursIsRefusedAndStays() throws IOException {
        for (var text : new String[] {
            "SQLite format 3\0 and more",
            "{\"kind\": \"SlapOS proxy state\", \"version\"",
            "{}",
            "not JSON",
            "{\"kind\": \"SlapOS proxy state\", \"version\": 2, \"softwareRoot\": \"/\"}",
            "{\"kind\": \"SlapOS proxy state\", \"version\": 1, \"softwareRoot\": \"/\"}"
        }) {
            Files.writeString(file(), text);
            assertThatThrownBy(this::kept)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file().toString())
                    .hasMessageContaining("left as it is");
            assertThat(file()).hasContent(text);
        }
    }

    @Test
    void aChangeThatCannotBeSavedIsNotDone() throws IOException {
        try (var proxy = kept()) {
            proxy.format(COMPUTER, 1);
            Files.createDirectory(folder.resolve("proxy.state.new"));
            Files.createFile(folder.resolve("proxy.state.new/in-the-way"));
            var answer = proxy.request("blog");
            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(answer.body()).contains("Nothing was changed").contains(file().toString());
            assertThat(proxy.partition("slappart0").get("_software_release_document"))
                    .isEmpty();
        }
    }

    @Test
    void localSoftwareMovesWithItsRoot() throws IOException {
        var old = Files.createDirectory(folder.resolve("old"));
        var next = Files.createDirectory(folder.resolve("next"));
        var common = "[slapproxy]\ndatabase_uri = " + file() + "\nlocal_software_release_root = ";
        try (var proxy = TestProxy.open(folder, common + old)) {
            proxy.format(COMPUTER, 2);
            proxy.request("blog", "software_release", old + "/blog/software.cfg");
            proxy.request("wiki", "software_release", "https://soft.example/old/software.cfg");
            assertThat(attributes(proxy.request("blog", "software_release", "blog/software.cfg"))
                            .requiredText("slap_software_release_url"))
                    .isEqualTo(old + "/blog/software.cfg");
            assertThat(proxy.request("blog", "software_release", "../../x.cfg").statusCode())
                    .isEqualTo(400);
            proxy.post("supplySupply", "url", "a/software.cfg", "computer_id", COMPUTER, "state", "available");
        }
        try (var proxy = TestProxy.open(folder, common + next)) {
            var all = proxy.get("getFullComputerInformation", "computer_id", COMPUTER)
                    .body();
            assertThat(all)
                    .contains(next + "/blog/software.cfg")
                    .contains(next + "/a/software.cfg")
                    .contains("https://soft.example/old/software.cfg")
                    .doesNotContain(old.toString());
        }
    }

    @Test
    @Tag("checklist:CL-06")
    void theTablesAreShownWhileTheProxyRuns() throws IOException {
        try (var proxy = kept()) {
            proxy.format(COMPUTER, 2);
            proxy.request(
                    "blog",
                    "partition_parameter_xml",
                    marshalled(Map.of(
                            "_", Value.of("{\"size\": 3}"),
                            "key", Value.of("ssh-rsa " + "A".repeat(300) + " me@here"))));
            proxy.post("supplySupply", "url", "https://x/", "computer_id", COMPUTER, "state", "available");
            assertThat(show())
                    .startsWith("0\n")
                    .contains("Computers", "Software", "Partitions", "Shared instances", "Parameters", "Network")
                    .contains("  \"size\" : 3")
                    .contains("ssh-rsa AAAAAAAAAAAA... me@here")
                    .contains("slaptap1");
            assertThat(show("--software")).contains("https://x/").doesNotContain("Computers");
            assertThat(show("--params")).doesNotContain("slaptap1");
        }
    }

    @Test
    @Tag("checklist:CL-06")
    void aParameterThatIsNotJsonIsShownAsItIs() throws IOException {
        try (var proxy = kept()) {
            proxy.format(COMPUTER, 1);
            proxy.request("blog", "partition_parameter_xml", marshalled(Map.of("_", Value.of("{broken"))));
            assertThat(show("--params")).contains("{broken");
        }
    }

    @Test
    @Tag("checklist:CL-07")
    void onATerminalThePagerGetsTheTables() throws IOException {
        var seen = folder.resolve("seen");
        Show.print("text\n", "cat > " + seen, true, new PrintWriter(new StringWriter()));
        assertThat(seen).hasContent("text\n");
        var out = new StringWriter();
        Show.print("text\n", "cat > " + seen, false, new PrintWriter(out));
        assertThat(out.toString()).isEqualTo("text\n");
    }

    @Test
    void withoutAStateThereIsNothingToShow() {
        assertThat(show()).startsWith("1\n").contains("there is no state file " + file());
    }
}
