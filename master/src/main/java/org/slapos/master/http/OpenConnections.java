package org.slapos.master.http;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The open connections whose clients have shown a certificate, by its fingerprint, so that they can be closed when it
/// ends. A request that is being answered gets its answer, for as long as [#PATIENCE]. Any thread.
final class OpenConnections implements Connection.Listener {
    /// How long the answers of connections that are to close may take.
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(OpenConnections.class);

    private final Map<EndPoint, Held> held = new ConcurrentHashMap<>();
    private final Map<String, Set<Held>> byFingerprint = new ConcurrentHashMap<>();

    /// A connection; `busy` requests of it are being answered.
    private static final class Held {
        private final EndPoint endPoint;
        private final String fingerprint;
        private int busy;
        private boolean isEnding;

        private Held(EndPoint endPoint, String fingerprint) {
            this.endPoint = endPoint;
            this.fingerprint = fingerprint;
        }

        private synchronized void begin() {
            busy++;
        }

        private synchronized boolean doneAndToClose() {
            busy--;
            return isEnding && busy == 0;
        }

        /// @return whether it can close at once
        private synchronized boolean end() {
            isEnding = true;
            return busy == 0;
        }
    }

    @Override
    public void onOpened(Connection connection) {
        var endPoint = connection.getEndPoint();
        certificate(endPoint)
                .ifPresent(shown -> held.computeIfAbsent(endPoint, _ -> {
                    var one = new Held(endPoint, fingerprint(shown));
                    byFingerprint.compute(one.fingerprint, (_, others) -> {
                        var all = others == null ? ConcurrentHashMap.<Held>newKeySet() : others;
                        all.add(one);
                        return all;
                    });
                    return one;
                }));
    }

    @Override
    public void onClosed(Connection connection) {
        var endPoint = connection.getEndPoint();
        var gone = held.get(endPoint);
        if (gone == null || endPoint.isOpen()) { // the one that chose the protocol hands over to the one that speaks it
            return;
        }
        held.remove(endPoint);
        byFingerprint.computeIfPresent(gone.fingerprint, (_, others) -> {
            others.remove(gone);
            return others.isEmpty() ? null : others;
        });
    }

    /// A request begins; its connection stays open until the callback is done.
    Callback during(Request request, Callback callback) {
        var one = Optional.ofNullable(
                held.get(request.getConnectionMetaData().getConnection().getEndPoint()));
        if (one.isEmpty()) {
            return callback;
        }
        one.get().begin();
        return Callback.from(callback, () -> one.filter(Held::doneAndToClose).ifPresent(it -> close(Set.of(it))));
    }

    /// Closes what shows certificates that have ended.
    ///
    /// @param fingerprint the one that may have ended; empty = any
    /// @param working     which of some fingerprints work
    void end(String fingerprint, Function<Set<String>, Set<String>> working) {
        var suspects = fingerprint.isEmpty()
                ? Set.copyOf(byFingerprint.keySet())
                : Set.of(fingerprint).stream()
                        .filter(byFingerprint::containsKey)
                        .collect(Collectors.toSet());
        if (suspects.isEmpty()) {
            return;
        }
        var ended = new HashSet<>(suspects);
        ended.removeAll(working.apply(suspects));
        var connections = ended.stream()
                .flatMap(one -> byFingerprint.getOrDefault(one, Set.of()).stream())
                .collect(Collectors.toSet());
        var busy = connections.stream().filter(one -> !one.end()).collect(Collectors.toSet());
        connections.removeAll(busy);
        close(connections);
        if (!busy.isEmpty()) {
            Thread.ofVirtual().name("close-connections").start(() -> closeLater(busy));
        }
    }

    private static void closeLater(Set<Held> busy) {
        try {
            Thread.sleep(PATIENCE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        close(busy);
    }

    private static void close(Set<Held> connections) {
        for (var one : connections) {
            if (one.endPoint.isOpen()) {
                LOG.info(
                        "a connection from {} is closed: its certificate has ended",
                        one.endPoint.getRemoteSocketAddress());
                one.endPoint.close();
            }
        }
    }

    /// How many are open.
    int size() {
        return held.size();
    }

    /// Of a connection whose handshake is done. The end point is not asked: it would remember that there is none yet.
    private static Optional<X509Certificate> certificate(EndPoint endPoint) {
        if (!(endPoint instanceof SslConnection.SslEndPoint tls)) {
            return Optional.empty();
        }
        try {
            var chain = tls.getSslConnection().getSSLEngine().getSession().getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate shown
                    ? Optional.of(shown)
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException _) {
            return Optional.empty();
        }
    }

    private static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }
}
