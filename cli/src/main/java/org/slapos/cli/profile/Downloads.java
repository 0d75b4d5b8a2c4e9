package org.slapos.cli.profile;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.slapos.protocol.MalformedException;

/// Fetches profiles and sources from `https`, `http` and `file` URLs. Trusts the system's roots and one more authority,
/// the Master's own, because profiles come from its catalogue and sources from anywhere.
public final class Downloads implements AutoCloseable {
    /// The longest profile read.
    public static final int MAX_PROFILE_BYTES = 1024 * 1024;

    /// The longest source whose hash is taken.
    public static final long MAX_SOURCE_BYTES = 4L * 1024 * 1024 * 1024;

    private static final Duration DEADLINE = Duration.ofMinutes(10);

    private final HttpClient http;

    private Downloads(HttpClient http) {
        this.http = http;
    }

    /// @param authority PEM file of roots to trust beside the system's
    public static Downloads trusting(Optional<Path> authority) throws IOException {
        var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(20))
                .followRedirects(HttpClient.Redirect.NORMAL);
        if (authority.isPresent()) {
            client.sslContext(contextTrusting(authority.get()));
        }
        return new Downloads(client.build());
    }

    /// A small text, as UTF-8.
    ///
    /// @throws MalformedException when it is not there or longer than [#MAX_PROFILE_BYTES]
    public String text(URI url) {
        try (var in = open(url)) {
            var bytes = in.readNBytes(MAX_PROFILE_BYTES + 1);
            if (bytes.length > MAX_PROFILE_BYTES) {
                throw new MalformedException(url + " is longer than " + MAX_PROFILE_BYTES + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new MalformedException("cannot fetch " + url + ": " + why(e), e);
        }
    }

    /// The SHA-256 hash of what is there, in lower-case hex.
    ///
    /// @throws IOException when it cannot be fetched, or is longer than [#MAX_SOURCE_BYTES]
    public String sha256(URI url) throws IOException {
        try (var in = open(url)) {
            var digest = MessageDigest.getInstance("SHA-256");
            var buffer = new byte[64 * 1024];
            long total = 0;
            int length = in.read(buffer);
            while (length >= 0) {
                total += length;
                if (total > MAX_SOURCE_BYTES) {
                    throw new IOException("longer than " + MAX_SOURCE_BYTES + " bytes");
                }
                digest.update(buffer, 0, length);
                length = in.read(buffer);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private InputStream open(URI url) throws IOException {
        switch (String.valueOf(url.getScheme())) {
            case "file" -> {
                return Files.newInputStream(Path.of(url));
            }
            case "https", "http" -> {
                var request = HttpRequest.newBuilder(url).timeout(DEADLINE).build();
                try {
                    var response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
                    if (response.statusCode() != 200) {
                        response.body().close();
                        throw new IOException("the server answered " + response.statusCode());
                    }
                    return response.body();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw (IOException) new InterruptedIOException("interrupted").initCause(e);
                }
            }
            default -> throw new IOException("only https, http and file URLs are fetched");
        }
    }

    /// What went wrong; some exceptions of the JDK name only the file, or nothing.
    public static String why(IOException e) {
        return switch (e) {
            case java.nio.file.NoSuchFileException _ -> "there is no such file";
            case java.net.ConnectException _ -> "no connection";
            case SSLHandshakeException untrusted ->
                "its certificate is not trusted (is master_ca_file right in the client configuration?): "
                        + untrusted.getMessage();
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }

    private static SSLContext contextTrusting(Path authority) throws IOException {
        try (var pem = Files.newInputStream(authority)) {
            var roots = KeyStore.getInstance("PKCS12");
            roots.load(null, null);
            int n = 0;
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                roots.setCertificateEntry("own" + n++, certificate);
            }
            for (var manager : trust(null).getTrustManagers()) {
                if (manager instanceof X509TrustManager system) {
                    for (var certificate : system.getAcceptedIssuers()) {
                        roots.setCertificateEntry("system" + n++, certificate);
                    }
                }
            }
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust(roots).getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new MalformedException(authority + " cannot be used as an authority: " + e.getMessage(), e);
        }
    }

    private static TrustManagerFactory trust(@org.jspecify.annotations.Nullable KeyStore roots)
            throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(roots);
        return factory;
    }
}
