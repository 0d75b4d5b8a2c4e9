package org.slapos.node.doctor;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.NodeConfiguration.Identity;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.client.PemFiles;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;

/// The Master: reached, verified, of the same time; and whether it knows this node.
final class MasterChecks {
    private static final Duration WAIT = Duration.ofSeconds(10);
    private static final Duration TOLERATED = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofDays(30);

    private final NodeConfiguration configuration;
    private final InstantSource clock;

    MasterChecks(NodeConfiguration configuration, InstantSource clock) {
        this.configuration = configuration;
        this.clock = clock;
    }

    List<Finding> all() {
        var findings = new ArrayList<Finding>();
        findings.add(certificate());
        var answer = reach();
        findings.add(answer.finding());
        findings.add(answer.date()
                .map(this::clock)
                .orElseGet(() -> Finding.skipped("clock", "no Master that says its time")));
        if (answer.finding().verdict() == Finding.Verdict.WELL) {
            findings.add(identity());
        }
        return findings;
    }

    private record Reached(Finding finding, Optional<String> date) {}

    private Reached reach() {
        var url = configuration.masterUrl();
        try (var client = HttpClient.newBuilder()
                .connectTimeout(WAIT)
                .sslContext(PemFiles.context(configuration.masterSettings().identity(), configuration.masterCaFile()))
                .build()) {
            var answer = client.send(
                    HttpRequest.newBuilder(url).timeout(WAIT).build(), HttpResponse.BodyHandlers.discarding());
            return new Reached(
                    Finding.well(
                            "master",
                            url + " answers" + (url.getScheme().equals("https") ? ", and is who it says" : "")),
                    answer.headers().firstValue("Date"));
        } catch (IOException | MalformedException e) {
            var why = Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
            return new Reached(
                    Finding.failed(
                            "master",
                            url + " does not answer: " + why,
                            "check master_url, the way to it (a firewall?), and master_ca_file, which has to hold the "
                                    + "authority of its certificate"),
                    Optional.empty());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Reached(Finding.failed("master", "interrupted", "try again"), Optional.empty());
        }
    }

    private Finding clock(String date) {
        try {
            var theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            var off = Duration.between(theirs, clock.instant());
            return off.abs().compareTo(TOLERATED) <= 0
                    ? Finding.well(
                            "clock",
                            "this machine and the Master agree, within "
                                    + off.abs().plusSeconds(1).toSeconds() + " s")
                    : Finding.failed(
                            "clock",
                            "this machine is " + off.abs().toSeconds() + " s "
                                    + (off.isNegative() ? "behind" : "before") + " the Master",
                            "let the machine's clock be kept, by chrony or systemd-timesyncd: certificates are valid for "
                                    + "a time");
        } catch (DateTimeParseException e) {
            return Finding.warning("clock", "the Master's date is none: " + date, "tell its operator");
        }
    }

    /// The Master takes this node for the Computer of the configuration.
    private Finding identity() {
        try (var client =
                SlapClient.open(configuration.masterSettings().withTries(1).withDeadline(WAIT))) {
            client.computerInformation(configuration.computerId(), "");
            return Finding.well("identity", "the Master knows this node as " + configuration.computerId());
        } catch (SlapException | MalformedException | IOException e) {
            return Finding.failed(
                    "identity",
                    "the Master does not take this node for " + configuration.computerId() + ": " + e.getMessage(),
                    "check computer_id; when the certificate was revoked, get another with 'slapos node register'");
        }
    }

    private Finding certificate() {
        if (configuration.identity().isEmpty()) {
            return configuration.masterUrl().getScheme().equals("https")
                    ? Finding.failed(
                            "certificate",
                            "no key_file and cert_file: the Master cannot know this node",
                            "register it: slapos node register")
                    : Finding.skipped("certificate", "a Master without TLS wants none");
        }
        var identity = configuration.identity().get();
        try {
            var certificate = read(identity);
            if (!belong(certificate, identity)) {
                return Finding.failed(
                        "certificate",
                        identity.keyFile() + " is not the key of " + identity.certificateFile(),
                        "put the pair back that registration wrote, or register again");
            }
            return validity(
                    identity,
                    certificate.getNotBefore().toInstant(),
                    certificate.getNotAfter().toInstant());
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            return Finding.failed(
                    "certificate",
                    "cannot use " + identity.certificateFile() + " and " + identity.keyFile() + ": " + e.getMessage(),
                    "put the pair back that registration wrote, or register again");
        }
    }

    private Finding validity(Identity identity, Instant from, Instant until) {
        var now = clock.instant();
        var mend = "register again, or renew it at the Master: slapos computer certificate";
        if (now.isBefore(from)) {
            return Finding.failed(
                    "certificate", identity.certificateFile() + " is valid from " + from + " on", "set the clock");
        }
        if (!now.isBefore(until)) {
            return Finding.failed("certificate", identity.certificateFile() + " ended on " + until, mend);
        }
        var left = Duration.between(now, until);
        var said = identity.certificateFile() + " is valid for " + left.toDays() + " more days, until " + until;
        return left.compareTo(SOON) < 0
                ? Finding.warning("certificate", said, mend)
                : Finding.well("certificate", said);
    }

    private static X509Certificate read(Identity identity) throws IOException, GeneralSecurityException {
        try (var in = Files.newInputStream(identity.certificateFile())) {
            var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            int begin = text.indexOf("-----BEGIN CERTIFICATE-----");
            if (begin < 0) {
                throw new GeneralSecurityException("no certificate in it");
            }
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new java.io.ByteArrayInputStream(
                            text.substring(begin).getBytes(StandardCharsets.UTF_8)));
        }
    }

    /// Whether what the key signs is verified by the certificate.
    private static boolean belong(X509Certificate certificate, Identity identity)
            throws IOException, GeneralSecurityException {
        var type = certificate.getPublicKey().getAlgorithm();
        var algorithm = switch (type) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> type;
        };
        var text = new byte[] {1, 2, 3};
        var signature = Signature.getInstance(algorithm);
        signature.initSign(key(type, Files.readString(identity.keyFile())));
        signature.update(text);
        var signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(text);
        return signature.verify(signed);
    }

    private static PrivateKey key(String type, String pem) throws GeneralSecurityException {
        int begin = pem.indexOf("-----BEGIN PRIVATE KEY-----");
        int end = pem.indexOf("-----END PRIVATE KEY-----");
        if (begin < 0 || end < begin) {
            throw new GeneralSecurityException("the key is not PEM of the kind PRIVATE KEY (PKCS #8)");
        }
        var body = pem.substring(begin + "-----BEGIN PRIVATE KEY-----".length(), end);
        return KeyFactory.getInstance(type)
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body)));
    }
}
