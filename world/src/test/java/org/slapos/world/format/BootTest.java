package org.slapos.world.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.world.computer.TestComputer;

/// `slapos node boot` on a test computer, whose Master takes everything and notes it.
@Tag("system")
class BootTest {
    private static final String MASTER = """
            import http.server, urllib.parse
            class Master(http.server.BaseHTTPRequestHandler):
                def do_POST(self):
                    body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                    with open("/tmp/told", "a") as told:
                        told.write(self.path + " " + urllib.parse.unquote_plus(body).split(chr(10))[0] + chr(10))
                    self.send_response(200)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
            http.server.HTTPServer(("127.0.0.1", 5000), Master).serve_forever()
            """;

    private FormattedComputer node;
    private TestComputer computer;

    @BeforeEach
    void start() throws IOException {
        node = FormattedComputer.start(2, "");
        computer = node.computer();
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    @Tag("checklist:CL-08")
    void aMachineThatStartsIsFormattedItsServicesStartAndTheMasterIsTold() throws IOException {
        computer.run("setsid", "--fork", "sh", "-c", "exec python3 -c \"$0\" > /tmp/master.log 2>&1", MASTER)
                .succeeded();
        TestComputer.await(
                "the Master listens",
                Duration.ofSeconds(20),
                () -> computer.run("sh", "-c", "ss -Hltn 'sport = :5000' | grep -q 5000")
                                .status()
                        == 0);
        assertThat(node.node("format").status()).isZero();
        var mark = computer.file("/srv/slapgrid/slappart0/.timestamp");
        Files.writeString(mark, "1");
        computer.run("ip", "link", "del", "slaptap1").succeeded();

        var booted = node.node("boot");

        assertThat(booted.status()).as(booted.output()).isZero();
        assertThat(computer.run("ip", "-brief", "link", "show", "slaptap1").succeeded())
                .contains("slaptap1");
        assertThat(mark).doesNotExist();
        assertThat(node.node("supervisorctl", "status").output()).contains("watchdog");
        assertThat(computer.text("/tmp/told").lines())
                .last()
                .asString()
                .startsWith("/computerBang ")
                .contains("computer_id=COMP-1", "message=Reboot");
    }

    @Test
    @Tag("checklist:CL-08")
    void onlyRootBoots() {
        var refused = computer.run(
                "setpriv",
                "--reuid=nobody",
                "--clear-groups",
                TestComputer.CHECKOUT + "/bin/slapos",
                "node",
                "boot",
                "--cfg",
                FormattedComputer.CFG);

        assertThat(refused.status()).isEqualTo(5);
    }
}
