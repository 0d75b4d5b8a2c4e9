package org.slapos.master.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A certificate that may sign, with its key, and the profiles of what it signs (RFC 5280). Keys made here are P-256. A
/// clock that is an hour behind ours still accepts what was just signed; nothing outlives its signer.
record Signer(X509Certificate certificate, PrivateKey key) {
    private static final Duration ROOT_LIFE = Duration.ofDays(20 * 365);
    private static final Duration ISSUING_LIFE = Duration.ofDays(12 * 365);
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

    /// Signs one floor of authorities, and no further.
    static Signer makeRoot(SecureRandom random, Instant now) {
        var pair = newKeyPair(random);
        var serial = newSerial(random);
        var name = authorityName("SlapOS Master", serial);
        try {
            var builder = builder(name, name, pair.getPublic(), serial, now, now.plus(ROOT_LIFE));
            asAuthority(builder, pair.getPublic(), 1);
            return new Signer(signed(builder, pair.getPrivate()), pair.getPrivate());
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("cannot make the root's certificate", e);
        }
    }

    /// An issuing key below this root.
    Signer makeIssuing(SecureRandom random, Instant now) {
        var pair = newKeyPair(random);
        var serial = newSerial(random);
        try {
            var builder = builder(
                    name(),
                    authorityName("SlapOS Master issuing", serial),
                    pair.getPublic(),
                    serial,
                    now,
                    latest(now.plus(ISSUING_LIFE)));
            asAuthority(builder, pair.getPublic(), 0);
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate));
            return new Signer(signed(builder, key), pair.getPrivate());
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("cannot sign an issuing key", e);
        }
    }

    /// Whether it may sign other authorities: the roots of earlier Masters may not.
    boolean mayRoot() {
        return certificate.getBasicConstraints() >= 1;
    }

    /// For who calls the Master: a person, a Computer, an instance. As DER: nobody here looks into it.
    byte[] signClient(Holder holder, PublicKey publicKey, BigInteger serial, Instant now, Instant notAfter) {
        var subject = new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, holder.reference());
        if (holder.kind() == Holder.Kind.COMPUTER) {
            subject.addRDN(BCStyle.EmailAddress, email(holder));
        }
        try {
            return signLeaf(subject.build(), publicKey, serial, now, notAfter, KeyPurposeId.id_kp_clientAuth, List.of())
                    .getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException("cannot encode the certificate of " + holder, e);
        }
    }

    /// Nobody's mailbox (RFC 2606): nodes of old look for an email in their certificate's subject.
    static String email(Holder holder) {
        return holder.reference().toLowerCase(Locale.ROOT) + "@slapos.invalid";
    }

    /// For the Master's own server, under its names and addresses.
    X509Certificate signServer(
            List<String> names, PublicKey publicKey, BigInteger serial, Instant now, Instant notAfter) {
        var subject = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, "SlapOS Master")
                .build();
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            signLeaf(subject, publicKey, serial, now, notAfter, KeyPurposeId.id_kp_serverAuth, names));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot read the certificate of the server", e);
        }
    }

    private X509CertificateHolder signLeaf(
            X500Name subject,
            PublicKey publicKey,
            BigInteger serial,
            Instant now,
            Instant notAfter,
            KeyPurposeId purpose,
            List<String> names) {
        try {
            var builder = builder(name(), subject, publicKey, serial, now, latest(notAfter));
            var keys = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            builder.addExtension(Extension.subjectKeyIdentifier, false, keys.createSubjectKeyIdentifier(publicKey));
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, keys.createAuthorityKeyIdentifier(certificate));
            if (!names.isEmpty()) {
                var alternatives = names.stream().map(Signer::alternativeName).toArray(GeneralName[]::new);
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
            }
            return builder.build(signer(key));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("cannot sign the certificate of " + subject, e);
        }
    }

    /// One entry of a list of revoked certificates.
    ///
    /// @param reason RFC 5280, 5.3.1
    record Revoked(BigInteger serial, Instant at, int reason) {}

    /// A list of revoked certificates that this signer has signed.
    ///
    /// @param number grows with each list
    X509CRL signList(List<Revoked> revoked, BigInteger number, Instant now, Instant next) {
        try {
            var builder = new X509v2CRLBuilder(name(), Date.from(now));
            builder.setNextUpdate(Date.from(next));
            revoked.forEach(one -> builder.addCRLEntry(one.serial(), Date.from(one.at()), one.reason()));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate));
            builder.addExtension(Extension.cRLNumber, false, new CRLNumber(number));
            return new JcaX509CRLConverter().getCRL(builder.build(signer(key)));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("cannot sign the list of revoked certificates", e);
        }
    }

    /// Nothing outlives its signer.
    Instant latest(Instant wanted) {
        var end = certificate.getNotAfter().toInstant();
        return wanted.isAfter(end) ? end : wanted;
    }

    private X500Name name() {
        return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    }

    private static X500Name authorityName(String what, BigInteger serial) {
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, "SlapOS")
                .addRDN(BCStyle.CN, what + " " + serial.toString(16).substring(0, 8))
                .build();
    }

    private static void asAuthority(X509v3CertificateBuilder builder, PublicKey publicKey, int floorsBelow)
            throws GeneralSecurityException, IOException {
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(floorsBelow));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        builder.addExtension(
                Extension.subjectKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createSubjectKeyIdentifier(publicKey));
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

    private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer(key)));
    }

    private static ContentSigner signer(PrivateKey key) throws OperatorCreationException {
        var algorithm = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        return new JcaContentSignerBuilder(algorithm).build(key);
    }

    @Override
    public String toString() {
        return "Signer[" + certificate.getSubjectX500Principal() + ", key=*****]";
    }
}
