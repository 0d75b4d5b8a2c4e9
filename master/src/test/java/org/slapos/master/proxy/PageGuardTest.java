package org.slapos.master.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a browser sends when it shows a page of somebody else, to a real proxy.
class PageGuardTest {
    private static final String SUPPLY =
            "url=http://evil.example/software.cfg&computer_id=local_computer&state=available";

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:PORT, '', 200",
        "localhost:PORT, '', 200",
        "proxy.localhost:PORT, '', 200",
        "[::1]:PORT, '', 200",
        "127.0.0.1:PORT, http://127.0.0.1:PORT, 200",
        "my-machine.example:PORT, '', 200",
        "127.0.0.1:PORT, http://evil.example, 403",
        "127.0.0.1:PORT, null, 403",
        "127.0.0.1:PORT, http://127.0.0.1:1, 403",
        "evil.example:PORT, http://evil.example:PORT, 403",
        "evil.example:PORT, '', 403"
    })
    void aPageOfAnotherSiteSuppliesNothing(String host, String origin, int status, @TempDir Path folder)
            throws Exception {
        try (var proxy = TestProxy.open(folder, "[slapproxy]\nserver_name_list = my-machine.example other.example\n")) {
            int port = proxy.url().getPort();
            var sent = "POST /supplySupply HTTP/1.1\r\nHost: " + host.replace("PORT", "" + port) + "\r\n"
                    + (origin.isEmpty() ? "" : "Origin: " + origin.replace("PORT", "" + port) + "\r\n")
                    + "Connection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
                    + SUPPLY.length() + "\r\n\r\n" + SUPPLY;
            assertThat(raw(port, sent)).startsWith("HTTP/1.1 " + status);
            assertThat(proxy.get("getFullComputerInformation", "computer_id", TestProxy.COMPUTER)
                            .body()
                            .contains("evil.example"))
                    .isEqualTo(status == 200);
        }
    }

    @Test
    void aNameThatPointsHereReadsNothing() throws Exception {
        try (var proxy = TestProxy.open()) {
            var asked = "GET /panel/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
            assertThat(raw(proxy.url().getPort(), asked))
                    .startsWith("HTTP/1.1 403")
                    .contains("server_name_list")
                    .doesNotContain("<table>");
        }
    }

    private static String raw(int port, String request) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
