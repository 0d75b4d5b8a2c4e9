package org.slapos.master.pki;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.operator.ContentVerifierProvider;
import org.bouncycastle.operator.DefaultDigestAlgorithmIdentifierFinder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcECContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.slapos.protocol.MalformedException;

/// A certificate signing request (RFC 2986) whose sender has proven to hold the key. Only the key counts: whom the
/// certificate names is never up to who asks.
public record SigningRequest(PublicKey key) {
    /// Of the text; a request with an RSA key of 4096 bits has about 1,700.
    private static final int MAX_CHARACTERS = 16_384;

    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 4096;
    private static final int MAX_EXPONENT_BITS = 33;

    private static final Map<ASN1ObjectIdentifier, String> CURVES = Map.of(
            SECObjectIdentifiers.secp256r1, "P-256",
            SECObjectIdentifiers.secp384r1, "P-384",
            SECObjectIdentifiers.secp521r1, "P-521");

    /// Reads a request and verifies its signature. Costs some tenths of a millisecond: do it before the transaction.
    ///
    /// @param pem `-----BEGIN CERTIFICATE REQUEST-----`...
    /// @throws MalformedException saying what is wrong with it
    public static SigningRequest read(String pem) {
        if (pem.length() > MAX_CHARACTERS) {
            throw new MalformedException("the certificate signing request has more than " + MAX_CHARACTERS
                    + " characters: send one PEM block");
        }
        var der = Pem.readRequest(pem)
                .orElseThrow(() -> new MalformedException(
                        "the certificate signing request is no PEM block" + " (-----BEGIN CERTIFICATE REQUEST-----)"));
        try {
            var request = new JcaPKCS10CertificationRequest(der);
            requireKnownKind(request.getSubjectPublicKeyInfo());
            var key = request.getPublicKey();
            requireSize(key);
            if (!request.isSignatureValid(verifier(request.getSubjectPublicKeyInfo(), key))) {
                throw new MalformedException("the certificate signing request is not signed by the key it names:"
                        + " its sender has not proven to hold that key");
            }
            return new SigningRequest(key);
        } catch (IOException
                | GeneralSecurityException
                | OperatorCreationException
                | PKCSException
                | IllegalArgumentException
                | ClassCastException e) {
            throw new MalformedException("the certificate signing request cannot be read: " + e.getMessage(), e);
        }
    }

    /// EC by Bouncy Castle's own arithmetic, which is four times as fast as the JDK's; it also verifies once, where its
    /// way through the JDK's verifies twice.
    private static ContentVerifierProvider verifier(SubjectPublicKeyInfo info, PublicKey key)
            throws IOException, OperatorCreationException {
        return key instanceof RSAPublicKey
                ? new JcaContentVerifierProviderBuilder().build(key)
                : new BcECContentVerifierProviderBuilder(new DefaultDigestAlgorithmIdentifierFinder())
                        .build(PublicKeyFactory.createKey(info));
    }

    /// Before any arithmetic is done with the key.
    private static void requireKnownKind(SubjectPublicKeyInfo info) {
        var algorithm = info.getAlgorithm();
        if (algorithm.getAlgorithm().equals(PKCSObjectIdentifiers.rsaEncryption)) {
            return;
        }
        if (!algorithm.getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)) {
            throw new MalformedException("a certificate signing request's key is EC or RSA, not "
                    + algorithm.getAlgorithm().getId());
        }
        if (!(algorithm.getParameters() instanceof ASN1ObjectIdentifier curve) || !CURVES.containsKey(curve)) {
            throw new MalformedException("an EC key of a certificate signing request is on P-256, P-384 or P-521");
        }
    }

    private static void requireSize(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            int bits = rsa.getModulus().bitLength();
            if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
                throw new MalformedException("an RSA key of a certificate signing request has " + MIN_RSA_BITS + " to "
                        + MAX_RSA_BITS + " bits, not " + bits);
            }
            var exponent = rsa.getPublicExponent();
            if (exponent.bitLength() < 17 || exponent.bitLength() > MAX_EXPONENT_BITS || !exponent.testBit(0)) {
                throw new MalformedException(
                        "an RSA key of a certificate signing request has an odd exponent from 65537 to 2^33");
            }
        }
    }
}
