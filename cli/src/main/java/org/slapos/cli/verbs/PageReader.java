package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Security;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.client.PemFiles;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;

/// Reads pages of one server, with a certificate or without: GET only, redirects followed within one server, a limit on
/// each answer.
///
/// It uses the JDK's old and small HTTP client, not its new one: a list ends in half of the time, most of which the
/// new one takes to get ready.
final class PageReader {
    private static final int MAX_BYTES = 16 * 1024 * 1024;
    private static final int MAX_REDIRECTS = 5;

    /// Which algorithms do not count in a chain of certificates.
    private static final String DISABLED = "jdk.certpath.disabledAlgorithms";

    private final int deadlineMillis;
    private final @Nullable SSLSocketFactory tls;

    /// @param tls      how https is spoken; null for a server without
    /// @param deadline of connecting, and of each piece of an answer
    PageReader(@Nullable SSLSocketFactory tls, Duration deadline) {
        this.tls = tls;
        if (tls != null) {
            // Each connection asks for the default first, and the JDK's own default reads 150 roots.
            HttpsURLConnection.setDefaultSSLSocketFactory(tls);
        }
        this.deadlineMillis = Math.toIntExact(deadline.toMillis());
    }

    /// As the person of a configuration.
    PageReader(ClientConfiguration configuration, Duration deadline) throws IOException {
        this(factory(configuration.master(), configuration.identity(), configuration.authority()), deadline);
    }

    /// How to speak with a server; null when its URL is not https.
    static @Nullable SSLSocketFactory factory(
            URI server, Optional<SlapClient.Identity> identity, Optional<Path> authority) throws IOException {
        if (!"https".equals(server.getScheme())) {
            return null;
        }
        refuseSha1();
        return PemFiles.context(identity, authority).getSocketFactory();
    }

    /// The JDK refuses a signature by SHA-1 only below one of its own roots, and reads all 150 of them to know.
    /// Refused below any root it costs nothing. Counts when said before the first chain is looked at.
    private static void refuseSha1() {
        var disabled = Security.getProperty(DISABLED);
        if (disabled != null) {
            Security.setProperty(DISABLED, disabled.replace("SHA1 jdkCA & usage", "SHA1 usage"));
        }
    }

    /// @param location where it leads to; null when nowhere
    record Page(int status, String body, @Nullable String location) {
        boolean isThere() {
            return status == 200;
        }
    }

    /// The page, whatever its status.
    ///
    /// @throws SlapException when there is no answer, or one that is too long
    Page get(URI url) {
        var target = url;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            if (tls != null && !"https".equals(target.getScheme())) {
                throw new SlapException(
                        SlapException.Kind.REFUSED, "the server names " + target + ", which is not https");
            }
            var page = fetch(target);
            if (page.status() < 300 || page.status() >= 400 || page.location() == null) {
                return page;
            }
            var next = target.resolve(page.location());
            if (next.getPort() != target.getPort()
                    || !String.valueOf(next.getHost()).equals(target.getHost())) {
                throw new SlapException(
                        SlapException.Kind.REFUSED, target + " leads to another server, " + next + ": not followed");
            }
            target = next;
        }
        throw new SlapException(SlapException.Kind.REFUSED, url + ": more than " + MAX_REDIRECTS + " redirects");
    }

    /// The page as JSON.
    ///
    /// @throws SlapException when it is not there or not JSON
    JsonNode json(URI url) {
        var page = get(url);
        if (!page.isThere()) {
            throw new SlapException(kind(page.status()), url + ": " + page.status());
        }
        try {
            return JsonTree.read(page.body());
        } catch (IOException e) {
            throw new SlapException(SlapException.Kind.SERVER_ERROR, url + ": the answer is not JSON", e);
        }
    }

    private static SlapException.Kind kind(int status) {
        return switch (status) {
            case 404 -> SlapException.Kind.NOT_FOUND;
            case 401, 403 -> SlapException.Kind.FORBIDDEN;
            case 503 -> SlapException.Kind.BUSY;
            default -> status >= 500 ? SlapException.Kind.SERVER_ERROR : SlapException.Kind.REFUSED;
        };
    }

    private Page fetch(URI target) {
        try {
            if (!(target.toURL().openConnection(Proxy.NO_PROXY) instanceof HttpURLConnection http)) {
                throw new SlapException(SlapException.Kind.REFUSED, target + " is neither https nor http");
            }
            if (http instanceof HttpsURLConnection https && tls != null) {
                https.setSSLSocketFactory(tls);
                // Asked only when the JDK found that the names differ. With the default one it has the trust manager
                // compare them, which reads the 150 roots.
                https.setHostnameVerifier((_, _) -> false);
            }
            http.setConnectTimeout(deadlineMillis);
            http.setReadTimeout(deadlineMillis);
            http.setInstanceFollowRedirects(false);
            http.setUseCaches(false);
            http.setRequestProperty("Accept", "*/*");
            http.setRequestProperty("User-Agent", "slapos-java");
            int status = http.getResponseCode();
            try (var body = status >= 400 ? http.getErrorStream() : http.getInputStream()) {
                return new Page(status, text(target, body), http.getHeaderField("Location"));
            }
        } catch (IOException e) {
            throw unreachable(target, isWrongName(e) ? wrongName(target) : e);
        }
    }

    /// The JDK's own words; in others it stays a failure all the same.
    private static boolean isWrongName(IOException e) {
        return String.valueOf(e.getMessage()).contains("HTTPS hostname");
    }

    private static IOException wrongName(URI target) {
        return new SSLPeerUnverifiedException("the certificate that it shows is not for the name " + target.getHost());
    }

    private static SlapException unreachable(URI target, IOException e) {
        var why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new SlapException(SlapException.Kind.UNREACHABLE, "no answer from " + target + ": " + why, e);
    }

    private static String text(URI target, @Nullable InputStream body) throws IOException {
        if (body == null) {
            return "";
        }
        var bytes = body.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw new SlapException(
                    SlapException.Kind.SERVER_ERROR, target + ": the answer is longer than " + MAX_BYTES + " bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
