package org.slapos.cli.demo;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/// Fetches what an instance serves.
final class Pages implements AutoCloseable {
    private static final int MAX_BYTES = 1024 * 1024;

    private final HttpClient http;

    private Pages(HttpClient http) {
        this.http = http;
    }

    static Pages open() {
        return new Pages(HttpClient.newBuilder()
                .connectTimeout(Duration.ofSeconds(5))
                .version(HttpClient.Version.HTTP_1_1)
                .build());
    }

    /// The page, at most its first mebibyte, or nothing when it is not answered with 200.
    Optional<byte[]> get(URI url) throws IOException {
        var request = HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(5)).build();
        try {
            var response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (var body = response.body()) {
                return response.statusCode() == 200 ? Optional.of(body.readNBytes(MAX_BYTES)) : Optional.empty();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
