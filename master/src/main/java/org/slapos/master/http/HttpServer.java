package org.slapos.master.http;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.slapos.master.party.Requester;
import org.slapos.master.party.Shown;

/// The server behind all doors: HTTP/1.1 and HTTP/2, a virtual thread for each request, a client certificate asked
/// for and never refused by TLS, so that a refusal is an answer with its reason.
public final class HttpServer implements AutoCloseable {
    private static final String ANY = "::";
    private static final long STOP_MILLISECONDS = 5_000;
    private static final long IDLE_MILLISECONDS = 120_000;

    private final Server server;
    private final ServerConnector connector;
    private final OpenConnections connections;
    private final Optional<AskingContextFactory> tls;

    /// @param host         address to listen on; `::` for all
    /// @param port         0 = any free one
    /// @param maxBodyBytes a longer body is answered with 413
    /// @param patience     a body that takes longer has to come at 10 KiB in each further second; a quarter of it
    ///                     is for the handshake, and for the head of a request
    /// @param publicUrl    its root as callers reach it; nothing = as each caller names it
    /// @param nameHeader   the header by which front ends name who has called them; its worth is not decided here
    public record Settings(
            String host,
            int port,
            int maxBodyBytes,
            Duration patience,
            Optional<URI> publicUrl,
            Optional<String> nameHeader) {
        public Settings(String host, int port, int maxBodyBytes, Duration patience, Optional<URI> publicUrl) {
            this(host, port, maxBodyBytes, patience, publicUrl, Optional.empty());
        }

        public Settings(String host, int port, Optional<URI> publicUrl) {
            this(host, port, 16 * 1024 * 1024, Duration.ofMinutes(1), publicUrl);
        }

        public Settings withNameHeader(String header) {
            return new Settings(host, port, maxBodyBytes, patience, publicUrl, Optional.of(header));
        }

        public Settings(String host, int port) {
            this(host, port, Optional.empty());
        }
    }

    /// What the server shows its callers. Its text never holds the key.
    public record ServerKey(List<X509Certificate> chain, PrivateKey key) {
        public ServerKey {
            chain = List.copyOf(chain);
        }

        @Override
        public String toString() {
            return "ServerKey[" + chain.getFirst().getSubjectX500Principal() + ", key=*****]";
        }
    }

    private HttpServer(
            Server server, ServerConnector connector, OpenConnections connections, Optional<AskingContextFactory> tls) {
        this.server = server;
        this.connector = connector;
        this.connections = connections;
        this.tls = tls;
    }

    /// Listens at once. Without a key it speaks plain HTTP, which is meant for loopback.
    ///
    /// @param identify who shows this, asked for each request
    /// @throws IOException naming address and port when they cannot be had
    public static HttpServer open(
            Settings settings, Optional<ServerKey> key, Function<Shown, Requester> identify, List<Mount> mounts)
            throws IOException {
        var threads = new VirtualThreadPool();
        threads.setMaxConcurrentTasks(0);
        threads.setName("http");
        var server = new Server(threads);
        server.setStopTimeout(STOP_MILLISECONDS);
        var tls = key.map(AskingContextFactory::new);
        var connector = new ServerConnector(server, factories(tls));
        var connections = new OpenConnections();
        connector.addBean(connections);
        if (!settings.host().equals(ANY)) { // else IPv6 and IPv4, or what there is of them
            connector.setHost(settings.host());
        }
        connector.setPort(settings.port());
        connector.setIdleTimeout(IDLE_MILLISECONDS);
        connector.setAcceptQueueSize(1024);
        connector.addBean(
                new HeadDeadline(connector.getScheduler(), settings.patience().dividedBy(4)));
        server.addConnector(connector);
        server.setHandler(new GracefulHandler(new FrontHandler(settings, identify, connections, mounts)));
        try {
            server.start();
        } catch (Exception e) {
            throw new IOException(sentence(settings, e), e);
        }
        return new HttpServer(server, connector, connections, tls);
    }

    /// Where it listens.
    public InetSocketAddress address() {
        var host = connector.getHost();
        return host == null
                ? new InetSocketAddress(connector.getLocalPort())
                : new InetSocketAddress(host, connector.getLocalPort());
    }

    /// Shows another certificate on connections that begin from now on.
    public void show(ServerKey key) {
        tls.orElseThrow(() -> new IllegalStateException("this server speaks plain HTTP"))
                .show(key);
    }

    /// Closes the connections of a certificate that has ended; an answer on its way has a second to arrive.
    ///
    /// @param fingerprint the SHA-256 of the one that may have ended; empty = any
    /// @param working     which of some fingerprints still work
    public void endConnections(String fingerprint, Function<Set<String>, Set<String>> working) {
        connections.end(fingerprint, working);
    }

    /// How many connections are open whose clients have shown a certificate.
    public int identifiedConnections() {
        return connections.size();
    }

    /// Lets running requests end, for some seconds, and stops listening.
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP server does not stop: " + e.getMessage(), e);
        }
    }

    private static ConnectionFactory[] factories(Optional<AskingContextFactory> tls) {
        var configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendDateHeader(true);
        // Buildout asks for `/software/a/../b.cfg` literally: the path is normalised, never refused, and never
        // ambiguous.
        configuration.setUriCompliance(UriCompliance.DEFAULT);
        var http1 = new HttpConnectionFactory(configuration);
        if (tls.isEmpty()) {
            return new ConnectionFactory[] {http1};
        }
        configuration.addCustomizer(new SecureRequestCustomizer(false));
        var http2 = new HTTP2ServerConnectionFactory(configuration);
        var alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol(http1.getProtocol());
        var ssl = new SslConnectionFactory(tls.get(), alpn.getProtocol());
        return new ConnectionFactory[] {ssl, alpn, http2, http1};
    }

    private static String sentence(Settings settings, Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                return "cannot listen on " + settings.host() + " port " + settings.port() + ": " + cause.getMessage()
                        + ". Stop what uses that port, or choose another.";
            }
        }
        return "the HTTP server does not start: " + e.getMessage();
    }
}
