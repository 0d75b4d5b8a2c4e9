package org.slapos.bench;

import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.CRL;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.conscrypt.Conscrypt;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.jspecify.annotations.Nullable;

/// The least that a server of this kind can do: one handler with fixed bytes, behind the same server library, threads
/// and TLS settings as the Master's. What the Master does beyond it is what our own code costs.
///
/// Run as `MinimalServer KEYSTORE PASSWORD BODY PROVIDER`: answers any GET with the file BODY, and one with
/// `If-None-Match` with 304. PROVIDER is that of the TLS engine, `JDK` or `Conscrypt`; the second speaks HTTP/1.1 only,
/// since Jetty chooses protocols with the JDK's engine. Prints its port, and ends when its standard input does.
public final class MinimalServer {
    static final String JDK = "JDK";

    private MinimalServer() {}

    static void main(String[] args) throws Exception {
        var body = Files.readAllBytes(Path.of(args[2]));
        var threads = new VirtualThreadPool();
        threads.setMaxConcurrentTasks(0);
        var server = new Server(threads);
        server.addConnector(connector(server, Path.of(args[0]), args[1], args[3]));
        server.setHandler(new FixedBytes(body));
        server.start();
        System.out.println(((ServerConnector) server.getConnectors()[0]).getLocalPort());
        System.in.transferTo(OutputStream.nullOutputStream());
        server.stop();
    }

    private static ServerConnector connector(Server server, Path keyStore, String password, String provider)
            throws Exception {
        var tls = new AcceptingAnyClient();
        try (var file = Files.newInputStream(keyStore)) {
            var keys = KeyStore.getInstance("PKCS12");
            keys.load(file, password.toCharArray());
            tls.setKeyStore(keys);
        }
        tls.setKeyStorePassword(password);
        if (!provider.equals(JDK)) {
            Security.addProvider(Conscrypt.newProvider());
            tls.setProvider(provider);
        }
        tls.setWantClientAuth(true);
        var configuration = new HttpConfiguration();
        configuration.addCustomizer(new SecureRequestCustomizer(false));
        configuration.setSendServerVersion(false);
        var http1 = new HttpConnectionFactory(configuration);
        var alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol(http1.getProtocol());
        var connector = provider.equals(JDK)
                ? new ServerConnector(
                        server,
                        new SslConnectionFactory(tls, alpn.getProtocol()),
                        alpn,
                        new HTTP2ServerConnectionFactory(configuration),
                        http1)
                : new ServerConnector(server, new SslConnectionFactory(tls, http1.getProtocol()), http1);
        connector.setHost("127.0.0.1");
        return connector;
    }

    private static final class FixedBytes extends Handler.Abstract {
        private final byte[] body;

        FixedBytes(byte[] body) {
            this.body = body;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            response.getHeaders().put(HttpHeader.ETAG, "\"1\"");
            if (request.getHeaders().contains(HttpHeader.IF_NONE_MATCH)) {
                response.setStatus(304);
                callback.succeeded();
                return true;
            }
            response.setStatus(200);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/xml; charset=utf-8");
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
            response.write(true, ByteBuffer.wrap(body), callback);
            return true;
        }
    }

    /// Asks for a client certificate and takes any: what it is worth is decided by request.
    private static final class AcceptingAnyClient extends SslContextFactory.Server {
        @Override
        protected TrustManager[] getTrustManagers(
                @Nullable KeyStore trustStore, @Nullable Collection<? extends CRL> crls) {
            return new TrustManager[] {new Accepting()};
        }
    }

    private static final class Accepting extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException("a server verifies no server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new UnsupportedOperationException("a server verifies no server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            throw new UnsupportedOperationException("a server verifies no server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
