package org.slapos.master.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Mount;
import org.slapos.protocol.Form;

/// `/http_proxy/<scheme>/<host and port>/<path>`: what the service at that address answers, for pages that came over
/// https and may not show plain http. A developer's service has a certificate of its own making: it is not verified.
final class HttpProxyDoor {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration LONGEST_BODY = Duration.ofSeconds(30);
    private static final List<String> ASKED = List.of(
            "accept",
            "accept-language",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "range",
            "access-control-request-headers",
            "access-control-request-method",
            "origin");
    private static final List<String> TOLD = List.of(
            "accept-ranges",
            "access-control-allow-headers",
            "access-control-allow-methods",
            "access-control-allow-origin",
            "allow",
            "cache-control",
            "content-range",
            "content-type",
            "etag",
            "expires",
            "last-modified",
            "vary");

    /// How many answers are held in memory at once.
    private static final int AT_ONCE = 4;

    private final Semaphore answers = new Semaphore(AT_ONCE);
    private @Nullable HttpClient client;

    /// Made at the first use: TLS is a large part of a start.
    private synchronized HttpClient http() {
        if (client == null) {
            client = HttpClient.newBuilder()
                    .sslContext(trustingAll())
                    .connectTimeout(PATIENCE)
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
        }
        return client;
    }

    List<Mount> mounts() {
        return List.of(new Mount("/http_proxy/", this::answer));
    }

    private Answer answer(Call call) {
        if (!call.isGet() && !call.method().equals("OPTIONS")) {
            return Answer.methodNotAllowed("GET, HEAD, OPTIONS");
        }
        var parts = call.path().split("/", 3);
        if (parts.length < 2 || !(parts[0].equals("http") || parts[0].equals("https")) || parts[1].isEmpty()) {
            return Answer.text(404, "The path is /http_proxy/<http or https>/<host and port>/<path>.");
        }
        try {
            var target = target(parts[0], parts[1], parts.length == 3 ? "/" + parts[2] : "", call.query());
            if (!mayReach(call, target)) {
                return Answer.text(403, "Only callers on this machine reach what is open to this machine only.");
            }
            if (!answers.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                return Answer.text(503, "Busy with " + AT_ONCE + " others. Try again.")
                        .with("Retry-After", "1");
            }
            try {
                return answer(
                        call, target, http().send(request(call, target), HttpResponse.BodyHandlers.ofInputStream()));
            } finally {
                answers.release();
            }
        } catch (URISyntaxException | IllegalArgumentException e) {
            return Answer.text(404, "No address: " + e.getMessage());
        } catch (HttpTimeoutException e) {
            return Answer.text(524, "No answer within " + PATIENCE.toSeconds() + " s.");
        } catch (SSLException e) {
            return Answer.text(526, "TLS failed: " + e.getMessage());
        } catch (IOException e) {
            return Answer.text(523, "No connection: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.text(524, "Interrupted.");
        }
    }

    /// A proxy that listens beyond loopback leads nobody from outside to the services of loopback and of the link.
    private static boolean mayReach(Call call, URI target) throws IOException {
        if (InetAddress.getByName(call.remoteAddress()).isLoopbackAddress()) {
            return true;
        }
        var host = target.getHost();
        return host != null
                && Arrays.stream(InetAddress.getAllByName(host))
                        .noneMatch(address -> address.isLoopbackAddress()
                                || address.isLinkLocalAddress()
                                || address.isAnyLocalAddress());
    }

    private static URI target(String scheme, String authority, String path, Form query) throws URISyntaxException {
        var base = new URI(scheme, authority, path, null, null).toString();
        return URI.create(query.fields().isEmpty() ? base : base + "?" + query.encode());
    }

    private static HttpRequest request(Call call, URI target) {
        var request = HttpRequest.newBuilder(target)
                .timeout(PATIENCE)
                .method(call.method(), HttpRequest.BodyPublishers.noBody());
        ASKED.forEach(name -> call.header(name).ifPresent(value -> request.header(name, value)));
        return request.build();
    }

    private static Answer answer(Call call, URI target, HttpResponse<InputStream> response) throws IOException {
        byte[] body;
        var in = response.body();
        var deadline = CompletableFuture.runAsync(
                () -> close(in), CompletableFuture.delayedExecutor(LONGEST_BODY.toSeconds(), TimeUnit.SECONDS));
        try (in) {
            body = in.readNBytes(Proxy.MAX_BODY_BYTES + 1);
        } finally {
            deadline.cancel(false);
        }
        if (body.length > Proxy.MAX_BODY_BYTES) {
            return Answer.text(520, "The answer is longer than " + Proxy.MAX_BODY_BYTES + " bytes.");
        }
        var headers = new LinkedHashMap<String, String>();
        TOLD.forEach(name -> response.headers().firstValue(name).ifPresent(value -> headers.put(name, value)));
        response.headers()
                .firstValue("location")
                .ifPresent(location -> headers.put("location", rewritten(call, target, location)));
        headers.put("Content-Disposition", "attachment");
        int status = response.statusCode() == 500 ? 520 : response.statusCode();
        return new Answer(status, Map.copyOf(headers), body);
    }

    private static void close(InputStream in) {
        try {
            in.close();
        } catch (IOException _) {
            // who reads it is told
        }
    }

    private static String rewritten(Call call, URI target, String location) {
        var next = target.resolve(location);
        var query = next.getRawQuery() == null ? "" : "?" + next.getRawQuery();
        return Bypass.here(call) + "http_proxy/" + next.getScheme() + "/" + next.getRawAuthority() + next.getRawPath()
                + query;
    }

    private static SSLContext trustingAll() {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustAll()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class TrustAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
