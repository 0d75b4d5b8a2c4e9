package org.slapos.master.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/// Keys, requests and authorities that tests make themselves, as clients and operators do.
public final class TestKeys {
    private static final SecureRandom RANDOM = new SecureRandom();

    private TestKeys() {}

    public static KeyPair ec(String curve) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static KeyPair ec() {
        return ec("secp256r1");
    }

    static KeyPair rsa(int bits) {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A signing request for the key, PEM.
    public static String request(KeyPair pair) {
        return request(pair, pair, "CN=whoever/I-like");
    }

    /// @param signer whose key signs it: only with the same pair is possession proven
    static String request(KeyPair named, KeyPair signer, String subject) {
        try {
            var algorithm = signer.getPrivate().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
            var request = new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), named.getPublic())
                    .build(new JcaContentSignerBuilder(algorithm).build(signer.getPrivate()));
            return "-----BEGIN CERTIFICATE REQUEST-----\n"
                    + Base64.getMimeEncoder().encodeToString(request.getEncoded())
                    + "\n-----END CERTIFICATE REQUEST-----\n";
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String pem(KeyPair pair) {
        return Pem.key(pair.getPrivate());
    }

    /// What a client that has both shows.
    public static IssuedCertificate shown(X509Certificate certificate, PrivateKey key) throws GeneralSecurityException {
        return new IssuedCertificate(
                Pem.certificate(certificate),
                Pem.key(key),
                Pem.fingerprint(certificate.getEncoded()),
                certificate.getNotAfter().toInstant());
    }

    /// A self-signed authority.
    ///
    /// @param floors its path length; 0 as the roots of earlier Masters had it; below 0 = it is no authority
    static Signer authority(KeyPair pair, int floors, Instant now, Duration life) {
        try {
            var name = new X500Name("O=SlapOS,CN=test authority " + new BigInteger(32, RANDOM));
            var builder = new JcaX509v3CertificateBuilder(
                    name,
                    new BigInteger(100, RANDOM).setBit(100),
                    Date.from(now.minus(Duration.ofHours(1))),
                    Date.from(now.plus(life)),
                    name,
                    pair.getPublic());
            builder.addExtension(
                    Extension.basicConstraints,
                    true,
                    floors < 0 ? new BasicConstraints(false) : new BasicConstraints(floors));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            var algorithm = pair.getPrivate().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
            var signer = new JcaContentSignerBuilder(algorithm).build(pair.getPrivate());
            return new Signer(
                    new JcaX509CertificateConverter().getCertificate(builder.build(signer)), pair.getPrivate());
        } catch (OperatorCreationException | IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static X509Certificate certificate(IssuedCertificate issued) {
        try {
            return Pem.readCertificate(issued.certificatePem());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
