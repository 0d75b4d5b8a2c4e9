package org.slapos.master.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// The authority's own certificate and key, and the profiles of what it signs (RFC 5280; all keys P-256). A clock that
/// is an hour behind ours still accepts what was just signed.
record Root(X509Certificate certificate, PrivateKey key) {
    private static final Duration ROOT_LIFE = Duration.ofDays(20 * 365);
    private static final Duration SKEW = Duration.ofHours(1);
    private static final int SERIAL_BITS = 127;

    static KeyPair newKeyPair(SecureRandom random) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Positive, and too large to be met twice.
    static BigInteger newSerial(SecureRandom random) {
        return new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1);
    }

    static Root make(SecureRandom random, Instant now) {
        var pair = newKeyPair(random);
        var serial = newSerial(random);
        var name = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, "SlapOS")
                .addRDN(BCStyle.CN, "SlapOS Master " + serial.toString(16).substring(0, 8))
                .build();
        try {
            var builder = builder(name, name, pair.getPublic(), serial, now, now.plus(ROOT_LIFE));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
            return new Root(sign(builder, pair.getPrivate()), pair.getPrivate());
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("cannot make the authority's certificate", e);
        }
    }

    /// For who calls the Master: a person, a Computer, an instance.
    X509Certificate signClient(Holder holder, PublicKey publicKey, BigInteger serial, Instant now, Instant notAfter) {
        var subject = new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, holder.reference());
        if (holder.kind() == Holder.Kind.COMPUTER) {
            subject.addRDN(BCStyle.EmailAddress, CertificateAuthority.email(holder));
        }
        return signLeaf(subject.build(), publicKey, serial, now, notAfter, KeyPurposeId.id_kp_clientAuth, List.of());
    }

    /// For the Master's own server, under its names and addresses.
    X509Certificate signServer(
            List<String> names, PublicKey publicKey, BigInteger serial, Instant now, Instant notAfter) {
        var subject = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, "SlapOS Master")
                .build();
        return signLeaf(subject, publicKey, serial, now, notAfter, KeyPurposeId.id_kp_serverAuth, names);
    }

    private X509Certificate signLeaf(
            X500Name subject,
            PublicKey publicKey,
            BigInteger serial,
            Instant now,
            Instant notAfter,
            KeyPurposeId purpose,
            List<String> names) {
        try {
            var issuer =
                    X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
            var builder = builder(issuer, subject, publicKey, serial, now, notAfter);
            var keys = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            builder.addExtension(Extension.subjectKeyIdentifier, false, keys.createSubjectKeyIdentifier(publicKey));
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, keys.createAuthorityKeyIdentifier(certificate));
            if (!names.isEmpty()) {
                var alternatives = names.stream().map(Root::alternativeName).toArray(GeneralName[]::new);
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
            }
            return sign(builder, key);
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("cannot sign the certificate of " + subject, e);
        }
    }

    private static GeneralName alternativeName(String name) {
        boolean isAddress = name.indexOf(':') >= 0 || name.matches("[0-9]+(\\.[0-9]+){3}");
        return new GeneralName(isAddress ? GeneralName.iPAddress : GeneralName.dNSName, name);
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey publicKey, BigInteger serial, Instant now, Instant notAfter) {
        return new JcaX509v3CertificateBuilder(
                issuer, serial, Date.from(now.minus(SKEW)), Date.from(notAfter), subject, publicKey);
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, OperatorCreationException {
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(key);
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    }

    @Override
    public String toString() {
        return "Root[" + certificate.getSubjectX500Principal() + ", key=*****]";
    }
}
