package org.slapos.master.http;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CRL;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/// TLS that asks for a client certificate and accepts any, or none. Who the certificate stands for is decided for each
/// request, because a resumed session never asks a trust manager, and because a refusal needs a reason.
final class AskingContextFactory extends SslContextFactory.Server {
    private static final char[] NO_PASSWORD = {};

    AskingContextFactory(HttpServer.ServerKey key) {
        setKeyStore(store(key));
        setKeyStorePassword("");
        setWantClientAuth(true);
        setIncludeProtocols("TLSv1.2", "TLSv1.3");
        setSniRequired(false);
        setEndpointIdentificationAlgorithm(null);
    }

    /// From the next handshake on.
    void show(HttpServer.ServerKey key) {
        try {
            reload(factory -> factory.setKeyStore(store(key)));
        } catch (Exception e) {
            throw new IllegalStateException("the server's new key cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    protected TrustManager[] getTrustManagers(KeyStore trustStore, Collection<? extends CRL> crls) {
        return new TrustManager[] {new AcceptingTrustManager()};
    }

    private static KeyStore store(HttpServer.ServerKey key) {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, NO_PASSWORD);
            store.setKeyEntry("server", key.key(), NO_PASSWORD, key.chain().toArray(X509Certificate[]::new));
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the server's key cannot be used: " + e.getMessage(), e);
        }
    }

    /// For clients only: this factory makes no context that a client would use to trust a server.
    private static final class AcceptingTrustManager extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException("only clients are accepted here");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new UnsupportedOperationException("only clients are accepted here");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            throw new UnsupportedOperationException("only clients are accepted here");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0]; // an empty list of authorities: the client may show any certificate
        }
    }
}
