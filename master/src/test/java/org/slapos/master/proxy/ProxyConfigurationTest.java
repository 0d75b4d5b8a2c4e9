package org.slapos.master.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.protocol.MalformedException;

/// What a proxy is told by its file and its command line.
class ProxyConfigurationTest {
    @TempDir
    private Path folder;

    private ProxyConfiguration read(String text, Map<String, String> given) throws IOException {
        return ProxyConfiguration.read(Optional.of(Files.writeString(folder.resolve("proxy.cfg"), text)), given);
    }

    @Test
    void withoutAFileThereAreDefaults() throws IOException {
        var settings = ProxyConfiguration.read(Optional.empty(), Map.of());
        assertThat(settings.host()).isEqualTo("127.0.0.1");
        assertThat(settings.port()).isEqualTo(5000);
        assertThat(settings.computer()).isEqualTo("local_computer");
        assertThat(settings.stateFile()).isEmpty();
    }

    @Test
    void allKeysOfTheFileAreRead() throws IOException {
        var settings = read("""
                [slapos]
                computer_id = COMP-0
                [slapproxy]
                host = ::1
                port = 5432
                database_uri = ~/proxy.db
                software_product_list =
                  wp https://soft.example/wp.cfg
                  kvm https://soft.example/kvm.cfg
                log_file = /tmp/x.log
                [multimaster/https://master.example]
                cert = /c.crt
                key = /c.key
                computer = COMP-1
                partition = slappart3
                software_release_list =
                  https://soft.example/a.cfg
                  https://soft.example/b.cfg
                """, Map.of("port", "6000"));
        assertThat(settings.computer()).isEqualTo("COMP-0");
        assertThat(settings.host()).isEqualTo("::1");
        assertThat(settings.port()).isEqualTo(6000);
        assertThat(settings.stateFile()).hasValue(Path.of(System.getProperty("user.home"), "proxy.db"));
        assertThat(settings.products()).containsOnlyKeys("wp", "kvm");
        assertThat(settings.logFile()).hasValue(Path.of("/tmp/x.log"));
        assertThat(settings.masters()).containsOnlyKeys("https://master.example");
        var master = settings.masters().values().iterator().next();
        assertThat(master.releases()).isEqualTo(Set.of("https://soft.example/a.cfg", "https://soft.example/b.cfg"));
        assertThat(master.asker()).hasValue(new PartitionKey("COMP-1", "slappart3"));
        assertThat(settings.warnings()).isEmpty();
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() {
        assertThatThrownBy(() -> read("""
                        [slapos]
                        computer_id = a b
                        [slapproxy]
                        port = http
                        local_software_release_root = /nowhere/at/all
                        software_product_list = wp
                        shacache-upstream-cache-url = ftp://x
                        [multimaster/https://master.example]
                        """, Map.of()))
                .isInstanceOf(MalformedException.class)
                .hasMessageContainingAll("port 'http'", "computer_id", "/nowhere/at/all", "'wp'", "https needs both");
    }

    @Test
    void anOptionThatNobodyKnowsIsNamedWithTheNearest() throws IOException {
        assertThat(read("[slapproxy]\ndatabase_url = x\n", Map.of()).warnings())
                .singleElement()
                .asString()
                .contains("database_url", "database_uri");
    }

    @Test
    void theCommandSaysWhatIsWrongAndLeavesItsStatus() {
        assertThat(run()).startsWith("0\n").contains("slapos proxy start --port 5000");
        assertThat(run("start", "--help")).startsWith("0\n").contains("--local-software-release-root");
        assertThat(run("start", "--cfg", "/nowhere.cfg")).startsWith("1\n").contains("/nowhere.cfg");
        assertThat(run("start", "--colour")).startsWith("2\n").contains("--colour");
        assertThat(run("stop")).startsWith("5\n").contains("stop");
    }

    @Test
    void theProgramServesAndLogsToItsFile() throws Exception {
        var log = folder.resolve("proxy.log");
        var file = Files.writeString(
                folder.resolve("proxy.cfg"), "[slapproxy]\nunknown_key = 1\nlog_file = " + log + "\n");
        var out = new StringWriter();
        var errors = System.err;
        var program = Thread.ofVirtual().start(() -> {
            var writer = new PrintWriter(out, true);
            Main.run(Map.of("SLAPOS_CONFIGURATION", file.toString()), writer, writer, "start", "--port", "0");
        });
        try {
            var end = Instant.now().plus(Duration.ofSeconds(20));
            while (!out.toString().contains("Proxy ready at http://127.0.0.1:")
                    && Instant.now().isBefore(end)) {
                Thread.onSpinWait();
            }
            assertThat(out.toString()).contains("Proxy ready at http://127.0.0.1:");
            assertThat(log).content().contains("unknown_key");
        } finally {
            program.interrupt();
            program.join();
            System.setErr(errors);
        }
    }

    private String run(String... arguments) {
        var out = new StringWriter();
        int status = Main.run(Map.of(), new PrintWriter(out, true), new PrintWriter(out, true), arguments);
        return status + "\n" + out;
    }
}
