package org.slapos.master.pki;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Certificates, keys and lists as text (RFC 7468).
final class Pem {
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});
    private static final Pattern CERTIFICATE = block("CERTIFICATE");
    private static final Pattern KEY = block("PRIVATE KEY");
    private static final Pattern REQUEST = block("(?:NEW )?CERTIFICATE REQUEST");

    private Pem() {}

    private static Pattern block(String label) {
        return Pattern.compile("-----BEGIN " + label + "-----\\s([A-Za-z0-9+/=\\s]*+)-----END " + label + "-----");
    }

    static String certificate(X509Certificate certificate) throws GeneralSecurityException {
        return certificate(certificate.getEncoded());
    }

    static String certificate(byte[] der) {
        return text("CERTIFICATE", der);
    }

    static String key(PrivateKey key) {
        return text("PRIVATE KEY", key.getEncoded());
    }

    static String list(X509CRL list) throws GeneralSecurityException {
        return text("X509 CRL", list.getEncoded());
    }

    private static String text(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + LINES.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    /// The first certificate of the text.
    static X509Certificate readCertificate(String pem) throws GeneralSecurityException {
        var all = readCertificates(pem);
        if (all.isEmpty()) {
            throw new CertificateException("the text holds no PEM certificate");
        }
        return all.getFirst();
    }

    static List<X509Certificate> readCertificates(String pem) throws GeneralSecurityException {
        var factory = CertificateFactory.getInstance("X.509");
        var found = new ArrayList<X509Certificate>();
        var matcher = CERTIFICATE.matcher(pem);
        while (matcher.find()) {
            var block = matcher.group().getBytes(StandardCharsets.US_ASCII);
            found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block)));
        }
        return List.copyOf(found);
    }

    /// An unencrypted PKCS#8 key, EC or RSA.
    static PrivateKey readKey(String pem) throws GeneralSecurityException {
        var matcher = KEY.matcher(pem);
        if (!matcher.find()) {
            throw new InvalidKeySpecException("no unencrypted PKCS#8 key (BEGIN PRIVATE KEY)");
        }
        var spec = new PKCS8EncodedKeySpec(decoded(matcher.group(1)));
        try {
            return KeyFactory.getInstance("EC").generatePrivate(spec);
        } catch (InvalidKeySpecException _) {
            return KeyFactory.getInstance("RSA").generatePrivate(spec);
        }
    }

    /// The DER of a signing request, when the text is one.
    static Optional<byte[]> readRequest(String pem) {
        var matcher = REQUEST.matcher(pem);
        try {
            return matcher.find() ? Optional.of(decoded(matcher.group(1))) : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static byte[] decoded(String base64) {
        return Base64.getMimeDecoder().decode(base64);
    }

    /// SHA-256 of the certificate, lower-case hexadecimal.
    static String fingerprint(byte[] der) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(der));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
