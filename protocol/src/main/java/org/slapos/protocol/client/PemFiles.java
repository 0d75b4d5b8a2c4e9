package org.slapos.protocol.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.slapos.protocol.MalformedException;

/// TLS material in PEM files, as the configuration files of nodes and clients name them.
public final class PemFiles {
    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", Pattern.DOTALL);
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----(.+?)-----END PRIVATE KEY-----", Pattern.DOTALL);
    private static final char[] NO_PASSWORD = {};

    private PemFiles() {}

    /// A context that shows the identity, if any, and trusts the roots in `authority`, or the system's when there is
    /// none.
    ///
    /// @throws MalformedException naming the file that is not what it should be
    public static SSLContext context(Optional<SlapClient.Identity> identity, Optional<Path> authority)
            throws IOException {
        try {
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(identity.isPresent() ? keyStore(identity.get()) : null, NO_PASSWORD);
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authority.isPresent() ? trustStore(authority.get()) : null);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new MalformedException("cannot use the TLS files: " + e.getMessage(), e);
        }
    }

    /// A context without identity that refuses every peer; it reads no file.
    static SSLContext trustingNobody() {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[0], new TrustManager[0], null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no TLS", e);
        }
    }

    private static KeyStore keyStore(SlapClient.Identity identity) throws IOException, GeneralSecurityException {
        var store = emptyStore();
        var chain = certificates(identity.certificate());
        store.setKeyEntry("identity", key(identity.key()), NO_PASSWORD, chain.toArray(Certificate[]::new));
        return store;
    }

    private static KeyStore trustStore(Path authority) throws IOException, GeneralSecurityException {
        var store = emptyStore();
        int n = 0;
        for (var certificate : certificates(authority)) {
            store.setCertificateEntry("authority" + n++, certificate);
        }
        return store;
    }

    /// In memory only, so that its protection of keys is of no use: PKCS12 takes tens of milliseconds for it, JKS none.
    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance("JKS");
        store.load(null, NO_PASSWORD);
        return store;
    }

    private static List<Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        var factory = CertificateFactory.getInstance("X.509");
        var found = new ArrayList<Certificate>();
        var matcher = CERTIFICATE.matcher(Files.readString(file));
        while (matcher.find()) {
            found.add(factory.generateCertificate(
                    new ByteArrayInputStream(matcher.group().getBytes(StandardCharsets.US_ASCII))));
        }
        if (found.isEmpty()) {
            throw new MalformedException(file + " holds no PEM certificate");
        }
        return found;
    }

    private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
        var matcher = KEY.matcher(Files.readString(file));
        if (!matcher.find()) {
            throw new MalformedException(file + " holds no unencrypted PKCS#8 private key (BEGIN PRIVATE KEY)");
        }
        var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(matcher.group(1)));
        try {
            return KeyFactory.getInstance("EC").generatePrivate(spec);
        } catch (InvalidKeySpecException _) {
            return KeyFactory.getInstance("RSA").generatePrivate(spec);
        }
    }
}
