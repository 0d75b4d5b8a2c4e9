package org.slapos.master.proxy;

import java.net.http.HttpClient;
import org.jspecify.annotations.Nullable;

/// The client for what lies elsewhere, made at its first use: reading the system's roots of trust would be a large
/// part of a start.
final class OutgoingHttp implements AutoCloseable {
    private @Nullable HttpClient client;

    synchronized HttpClient client() {
        if (client == null) {
            client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .build();
        }
        return client;
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.shutdownNow();
        }
    }
}
