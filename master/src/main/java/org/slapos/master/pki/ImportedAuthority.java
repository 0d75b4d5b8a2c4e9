package org.slapos.master.pki;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// An authority that was there before: it becomes the root that signs the issuing keys.
public final class ImportedAuthority {
    private static final long MAX_BYTES = 1 << 20;
    private static final int MIN_RSA_BITS = 2048;
    private static final Duration MIN_LIFE = Duration.ofDays(90);
    private static final int KEY_CERT_SIGN = 5;

    private final List<X509Certificate> chain;
    private final PrivateKey key;

    private ImportedAuthority(List<X509Certificate> chain, PrivateKey key) {
        this.chain = chain;
        this.key = key;
    }

    /// Reads and checks both files.
    ///
    /// @param certificate PEM; may go on with the certificates above it, up to the one that callers trust
    /// @param key         PEM, PKCS#8, not encrypted
    /// @throws IOException with one sentence that says what is wrong with which file
    public static ImportedAuthority read(Path certificate, Path key, Instant now) throws IOException {
        try {
            var chain = Pem.readCertificates(text(certificate));
            if (chain.isEmpty()) {
                throw new IOException(certificate + " holds no PEM certificate.");
            }
            requireAuthority(certificate, chain.getFirst(), now);
            for (int i = 1; i < chain.size(); i++) {
                requireSigned(certificate, chain.get(i - 1), chain.get(i));
            }
            var privateKey = Pem.readKey(text(key));
            requirePair(certificate, chain.getFirst(), key, privateKey);
            return new ImportedAuthority(chain, privateKey);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(
                    "The authority in " + certificate + " and " + key + " cannot be read: " + e.getMessage()
                            + ". The certificate is PEM, the key unencrypted PKCS#8 (openssl pkcs8 -topk8 -nocrypt).",
                    e);
        }
    }

    private static String text(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException("The file " + file + " cannot be read.");
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("The file " + file + " is too long to be a certificate or a key.");
        }
        return Files.readString(file);
    }

    private static void requireAuthority(Path file, X509Certificate certificate, Instant now) throws IOException {
        int floors = certificate.getBasicConstraints();
        if (floors < 0) {
            throw new IOException(file + " is not the certificate of an authority (basic constraints: CA).");
        }
        if (floors == 0) {
            throw new IOException(file + " may not sign other authorities (its path length is 0), and the Master signs"
                    + " its issuing keys with it: make it with a path length of 1 or more.");
        }
        var usage = certificate.getKeyUsage();
        if (usage != null && !usage[KEY_CERT_SIGN]) {
            throw new IOException(file + " may not sign certificates (key usage: keyCertSign).");
        }
        if (certificate.getNotBefore().toInstant().isAfter(now)) {
            throw new IOException(
                    file + " is not valid before " + certificate.getNotBefore().toInstant() + ".");
        }
        var end = certificate.getNotAfter().toInstant();
        if (end.isBefore(now.plus(MIN_LIFE))) {
            throw new IOException(file + " ends at " + end + ": an authority to begin with lasts at least "
                    + MIN_LIFE.toDays() + " days.");
        }
        if (certificate.getPublicKey() instanceof RSAPublicKey rsa
                && rsa.getModulus().bitLength() < MIN_RSA_BITS) {
            throw new IOException(file + " has an RSA key of "
                    + rsa.getModulus().bitLength() + " bits, less than " + MIN_RSA_BITS + ".");
        }
    }

    private static void requireSigned(Path file, X509Certificate lower, X509Certificate upper) throws IOException {
        try {
            lower.verify(upper.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    file + ": " + lower.getSubjectX500Principal() + " is not signed by the certificate after it, "
                            + upper.getSubjectX500Principal() + ".",
                    e);
        }
    }

    private static void requirePair(Path certificateFile, X509Certificate certificate, Path keyFile, PrivateKey key)
            throws IOException, GeneralSecurityException {
        boolean fits = key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm());
        if (fits) {
            var algorithm = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
            var probe = new byte[32];
            new SecureRandom().nextBytes(probe);
            var signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(probe);
            var signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(probe);
            fits = signature.verify(signed);
        }
        if (!fits) {
            throw new IOException(
                    "The key in " + keyFile + " does not belong to the certificate in " + certificateFile + ".");
        }
    }

    Signer signer() {
        return new Signer(chain.getFirst(), key);
    }

    String pem() {
        try {
            var text = new StringBuilder();
            for (var certificate : chain) {
                text.append(Pem.certificate(certificate));
            }
            return text.toString();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return "ImportedAuthority[" + chain.getFirst().getSubjectX500Principal() + ", key=*****]";
    }
}
