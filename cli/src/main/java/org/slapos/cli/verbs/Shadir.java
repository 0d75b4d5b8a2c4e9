package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;

/// The directory of a network cache (shadir): what was uploaded under a key, and whether somebody who is trusted signed
/// it. Configured in section `[networkcache]` of the node's configuration.
final class Shadir {
    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String END = "-----END CERTIFICATE-----";

    private final URI directory;
    private final PageReader reader;
    private final List<PublicKey> trusted;

    /// @param verified whether one of the trusted certificates signed it
    record Entry(JsonNode metadata, boolean verified) {}

    private Shadir(URI directory, PageReader reader, List<PublicKey> trusted) {
        this.directory = directory;
        this.reader = reader;
        this.trusted = trusted;
    }

    /// @param option the option that holds the directory's URL, such as `download-dir-url`
    /// @throws CommandFailure when there is no network cache configured
    static Shadir open(Path configuration, String option, Log log) throws IOException {
        var file = IniFile.read(configuration);
        var options = new HashMap<>(file.section("slapos"));
        options.putAll(file.section("networkcache"));
        var text = options.getOrDefault(option, "");
        if (text.isEmpty()) {
            throw new CommandFailure(
                    ExitStatus.FAILED,
                    "no network cache is configured: " + option + " is missing in section [networkcache] of "
                            + configuration);
        }
        var directory = URI.create(text.endsWith("/") ? text : text + "/");
        var certificate = path(options, "shadir-cert-file");
        var key = path(options, "shadir-key-file");
        var identity = certificate.flatMap(c -> key.map(k -> new SlapClient.Identity(c, k)));
        var tls = PageReader.factory(directory, identity, path(options, "shadir-ca-file"));
        return new Shadir(
                directory,
                new PageReader(tls, Duration.ofSeconds(60)),
                trusted(options.getOrDefault("signature-certificate-list", ""), log));
    }

    /// All entries of that key; nothing when the cache knows no such key.
    Optional<List<Entry>> select(String key) {
        try {
            var entries = new ArrayList<Entry>();
            // The key stands in the path as it is.
            for (var pair : reader.json(URI.create(directory + key))) {
                var text = pair.path(0).asText();
                entries.add(
                        new Entry(metadata(text), isVerified(text, pair.path(1).asText(""))));
            }
            return Optional.of(entries);
        } catch (SlapException e) {
            if (e.kind() == SlapException.Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        } catch (IllegalArgumentException e) {
            throw new MalformedException("'" + key + "' cannot be the key of a network cache", e);
        }
    }

    private static JsonNode metadata(String text) {
        try {
            return JsonTree.read(text);
        } catch (IOException e) {
            throw new MalformedException("an entry of the network cache is not JSON: " + text, e);
        }
    }

    /// RSA over SHA-1, as the whole field signs: a fact to show, not one to rely on.
    private boolean isVerified(String text, String signature) {
        for (var key : trusted) {
            try {
                var check = Signature.getInstance("SHA1withRSA");
                check.initVerify(key);
                check.update(text.getBytes(StandardCharsets.UTF_8));
                if (!signature.isEmpty() && check.verify(Base64.getDecoder().decode(signature))) {
                    return true;
                }
            } catch (GeneralSecurityException | IllegalArgumentException _) {
                // Another certificate may verify it.
            }
        }
        return false;
    }

    private static List<PublicKey> trusted(String certificates, Log log) {
        var keys = new ArrayList<PublicKey>();
        int begin = certificates.indexOf(BEGIN);
        while (begin >= 0) {
            int end = certificates.indexOf(END, begin);
            var pem = certificates.substring(begin, end < 0 ? certificates.length() : end + END.length());
            try {
                keys.add(CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                        .getPublicKey());
            } catch (CertificateException e) {
                log.warning("a certificate of signature-certificate-list is passed over: " + e.getMessage());
            }
            begin = certificates.indexOf(BEGIN, begin + BEGIN.length());
        }
        return keys;
    }

    private static Optional<Path> path(Map<String, String> options, String name) {
        return Optional.ofNullable(options.get(name))
                .filter(text -> !text.isEmpty())
                .map(Path::of);
    }
}
