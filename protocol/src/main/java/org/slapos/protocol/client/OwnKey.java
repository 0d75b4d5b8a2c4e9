package org.slapos.protocol.client;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.slapos.protocol.MalformedException;

/// A P-256 key made here, so that it never travels: the Master gets a signing request (RFC 2986), and gives a
/// certificate for it.
public final class OwnKey {
    private static final byte[] NO_NAME = {0x30, 0};
    private static final byte[] VERSION = {2, 1, 0};
    private static final byte[] NO_ATTRIBUTES = {(byte) 0xa0, 0};
    private static final byte[] ECDSA_WITH_SHA256 = HexFormat.of().parseHex("300a06082a8648ce3d040302");
    private static final int SEQUENCE = 0x30;
    private static final int BIT_STRING = 3;

    private final KeyPair pair;

    private OwnKey(KeyPair pair) {
        this.pair = pair;
    }

    public static OwnKey make() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return new OwnKey(generator.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK makes no P-256 keys", e);
        }
    }

    /// The key as a file keeps it: PKCS#8, not encrypted, and its public half after it. Never send it.
    public String pem() {
        return block("PRIVATE KEY", pair.getPrivate().getEncoded())
                + block("PUBLIC KEY", pair.getPublic().getEncoded());
    }

    /// What [#pem] has written.
    ///
    /// @throws MalformedException when it is something else
    public static OwnKey read(String pem) {
        try {
            var keys = KeyFactory.getInstance("EC");
            return new OwnKey(new KeyPair(
                    keys.generatePublic(new X509EncodedKeySpec(bytes(pem, "PUBLIC KEY"))),
                    keys.generatePrivate(new PKCS8EncodedKeySpec(bytes(pem, "PRIVATE KEY")))));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new MalformedException("no key of ours, with its public half: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(String pem, String label) {
        var matcher = Pattern.compile("-----BEGIN " + label + "-----([A-Za-z0-9+/=\\s]*+)-----END " + label + "-----")
                .matcher(pem);
        if (!matcher.find()) {
            throw new MalformedException("there is no " + label);
        }
        return Base64.getMimeDecoder().decode(matcher.group(1));
    }

    /// Proves to the Master that this key is held here. It names nobody: the Master says whom the certificate is for.
    public String request() {
        try {
            var info = sequence(VERSION, NO_NAME, pair.getPublic().getEncoded(), NO_ATTRIBUTES);
            var signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(pair.getPrivate());
            signature.update(info);
            var bits = tagged(BIT_STRING, new byte[] {0}, signature.sign());
            return block("CERTIFICATE REQUEST", sequence(info, ECDSA_WITH_SHA256, bits));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK does not sign with P-256", e);
        }
    }

    /// Whether a certificate (PEM) is for this key.
    ///
    /// @throws MalformedException when it is no certificate
    public boolean fits(String certificate) {
        try {
            int begin = certificate.indexOf("-----BEGIN CERTIFICATE-----");
            var read = CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(
                            certificate.substring(Math.max(0, begin)).getBytes(StandardCharsets.US_ASCII)));
            return read.getPublicKey().equals(pair.getPublic());
        } catch (GeneralSecurityException e) {
            throw new MalformedException("the Master's answer holds no certificate: " + e.getMessage(), e);
        }
    }

    private static byte[] sequence(byte[]... parts) {
        return tagged(SEQUENCE, parts);
    }

    /// DER: a tag, the length, the parts.
    private static byte[] tagged(int tag, byte[]... parts) {
        var content = new ByteArrayOutputStream();
        for (var part : parts) {
            content.writeBytes(part);
        }
        var out = new ByteArrayOutputStream();
        out.write(tag);
        int length = content.size();
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >> 8);
            out.write(length);
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    private static String block(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END " + label + "-----\n";
    }

    @Override
    public String toString() {
        return "OwnKey[*****]";
    }
}
