package org.slapos.master.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slapos.master.http.HttpServer;
import org.slapos.master.http.Mount;
import org.slapos.master.party.Requester;

class CatalogueDoorTest {
    @TempDir
    private Path folder;

    private HttpServer server;

    @BeforeEach
    void open() throws IOException {
        var software = Files.createDirectories(folder.resolve("software"));
        Files.createDirectories(software.resolve("hello"));
        Files.createDirectories(software.resolve("stack"));
        Files.writeString(software.resolve("hello/software.cfg"), "[buildout]\n");
        Files.writeString(software.resolve("hello/software.cfg.json"), "{}");
        Files.writeString(software.resolve("stack/base.cfg"), "[base]\n");
        Files.writeString(folder.resolve("secret"), "secret");
        Files.createSymbolicLink(software.resolve("link"), folder.resolve("secret"));
        server = HttpServer.open(
                new HttpServer.Settings("127.0.0.1", 0),
                Optional.empty(),
                _ -> new Requester.Anonymous("no certificate"),
                List.of(new Mount("/software/", new CatalogueDoor(software))));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void filesAreServedWithTheirTypeAndVersion() throws IOException {
        var profile = send("GET /software/hello/software.cfg");
        assertThat(profile).startsWith("HTTP/1.1 200").contains("text/plain").endsWith("[buildout]\n");
        assertThat(send("GET /software/hello/software.cfg.json")).contains("application/json");

        var etag = profile.lines()
                .filter(line -> line.startsWith("ETag: "))
                .findFirst()
                .orElseThrow();
        assertThat(send("GET /software/hello/software.cfg", etag.replace("ETag", "If-None-Match")))
                .startsWith("HTTP/1.1 304")
                .doesNotContain("[buildout]");
        assertThat(send("HEAD /software/hello/software.cfg"))
                .startsWith("HTTP/1.1 200")
                .doesNotContain("[buildout]");
    }

    @Test
    void aRelativeProfileIsFoundThroughDotSegments() throws IOException {
        assertThat(send("GET /software/hello/../stack/base.cfg"))
                .startsWith("HTTP/1.1 200")
                .endsWith("[base]\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/software/../secret",
                "/software/hello/../../secret",
                "/software/%2e%2e/secret",
                "/software/%2e%2e%2fsecret",
                "/software/..%5csecret",
                "/software/link",
                "/software/hello",
                "/software/",
                "/software//etc/passwd",
                "/software/%00",
                "/software/nothing"
            })
    void nothingOutsideTheFolderIsServed(String path) throws IOException {
        assertThat(send("GET " + path)).matches("(?s)HTTP/1.1 40[04].*").doesNotContain("secret\n");
    }

    @Test
    void onlyReadingIsAllowed() throws IOException {
        assertThat(send("POST /software/hello/software.cfg", "Content-Length: 0"))
                .startsWith("HTTP/1.1 405");
    }

    /// Sends the request line as it stands: a client library would normalise the path.
    private String send(String requestLine, String... headers) throws IOException {
        try (var socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            OutputStream out = socket.getOutputStream();
            var request = requestLine + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    + (headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n") + "\r\n";
            out.write(request.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
