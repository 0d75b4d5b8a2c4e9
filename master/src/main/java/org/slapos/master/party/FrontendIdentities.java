package org.slapos.master.party;

import java.io.ByteArrayInputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Optional;

/// Who makes a request: the certificate of its connection says it or, when the connection comes from a trusted
/// front end and has the header, that header: a certificate (RFC 9440 `:base64:`, or PEM in percent encoding as
/// nginx has it), or the reference in its subject. A certificate is looked up as if it were shown here; a name only
/// stands for who holds a certificate that works, and the front end has to look at `/crl` itself. From elsewhere
/// the header is nothing.
public final class FrontendIdentities {
    private static final int MAX_LENGTH = 16_384;

    private final Identities identities;
    private final TrustedFrontends frontends;

    public FrontendIdentities(Identities identities, TrustedFrontends frontends) {
        this.identities = identities;
        this.frontends = frontends;
    }

    public Requester of(Shown shown) {
        if (shown.named().isEmpty() || !frontends.trusts(shown.remoteAddress())) {
            return identities.of(shown.certificate());
        }
        if (shown.named().size() > 1) {
            return new Requester.Anonymous("The front end named an identity twice (" + frontends.header()
                    + "): it lets its clients send that header.");
        }
        var name = shown.named().getFirst().strip();
        if (name.isEmpty() || name.length() > MAX_LENGTH) {
            return new Requester.Anonymous("The front end named no identity (" + frontends.header() + ").");
        }
        if (name.startsWith(":") || name.startsWith("-----BEGIN")) {
            var certificate = certificate(name);
            return certificate.isPresent()
                    ? identities.of(certificate)
                    : new Requester.Anonymous("The front end showed a certificate that cannot be read.");
        }
        return identities.named(name);
    }

    private static Optional<X509Certificate> certificate(String text) {
        try {
            var bytes = text.startsWith(":")
                    ? Base64.getDecoder().decode(text.substring(1, Math.max(1, text.lastIndexOf(':'))))
                    : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.US_ASCII)
                            .getBytes(StandardCharsets.US_ASCII);
            return Optional.of((X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(bytes)));
        } catch (CertificateException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
