package org.slapos.cli.verbs;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.NearestWord;
import org.slapos.protocol.client.SlapClient;

/// Who asks, and which Master: section `[slapos]` of the client's configuration file.
///
/// @param master    base URL of the SLAP protocol
/// @param identity  certificate and key; none only for a plain `http` Master, such as a proxy
/// @param hypermedia where its lists are, when the configuration says so
/// @param authority roots that the Master's certificate must come from; none = the system's
public record ClientConfiguration(
        Path origin,
        URI master,
        Optional<URI> hypermedia,
        Optional<SlapClient.Identity> identity,
        Optional<Path> authority) {
    private static final Set<String> KNOWN =
            Set.of("master_url", "master_rest_url", "key_file", "cert_file", "master_ca_file");

    /// Reads and checks the file.
    ///
    /// @param expand what a leading `~` of a path means
    /// @throws CommandFailure when there is no such file
    /// @throws MalformedException with every problem of the file at once
    public static ClientConfiguration read(Path file, UnaryOperator<Path> expand) {
        return of(file, options(file, "slapos"), expand);
    }

    /// As [#read], for the console: what is given wins over section `[slapconsole]`, and that over `[slapos]`. When the
    /// Master is given the file need not be there.
    public static ClientConfiguration readForConsole(Path file, UnaryOperator<Path> expand, Map<String, String> given) {
        var options = new HashMap<String, String>();
        if (!given.containsKey("master_url") || Files.exists(file)) {
            options.putAll(options(file, "slapos"));
            options(file, "slapconsole").forEach((name, value) -> {
                if (KNOWN.contains(name)) {
                    options.put(name, value);
                }
            });
        }
        options.putAll(given);
        return of(file, options, expand);
    }

    private static ClientConfiguration of(Path file, Map<String, String> options, UnaryOperator<Path> expand) {
        var problems = new ArrayList<String>();
        for (var key : options.keySet()) {
            if (!KNOWN.contains(key)) {
                problems.add("unknown option '" + key + "', did you mean '" + NearestWord.of(key, KNOWN) + "'?");
            }
        }
        var master = url(options, "master_url", "https://host:8443/slap", problems)
                .orElseGet(() -> {
                    if (!options.containsKey("master_url")) {
                        problems.add("master_url is missing");
                    }
                    return URI.create("");
                });
        var hypermedia = url(options, "master_rest_url", "https://host:8443/hateoas", problems);
        var certificate = file(options, "cert_file", expand, problems);
        var key = file(options, "key_file", expand, problems);
        var authority = file(options, "master_ca_file", expand, problems);
        if ("https".equals(master.getScheme())) {
            for (var needed : List.of("cert_file", "key_file")) {
                if (!options.containsKey(needed)) {
                    problems.add(needed + " is missing: an https Master wants to know who asks");
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new MalformedException(file + ", section [slapos]: " + String.join("; ", problems));
        }
        var identity = certificate.flatMap(c -> key.map(k -> new SlapClient.Identity(c, k)));
        return new ClientConfiguration(file, master, hypermedia, identity, authority);
    }

    /// The Master, as the person of the certificate.
    public SlapClient connect() throws IOException {
        return SlapClient.open(new SlapClient.Settings(master, identity, authority));
    }

    /// When the certificate expires; nothing without one, or when it cannot be read.
    Optional<Instant> expiry() {
        return identity.map(SlapClient.Identity::certificate).flatMap(file -> {
            try (var pem = Files.newInputStream(file)) {
                return CertificateFactory.getInstance("X.509").generateCertificate(pem)
                                instanceof X509Certificate certificate
                        ? Optional.of(certificate.getNotAfter().toInstant())
                        : Optional.empty();
            } catch (IOException | CertificateException _) {
                return Optional.empty();
            }
        });
    }

    /// Where a method of the SLAP protocol is called.
    URI method(String name) {
        var base = master.toString();
        return URI.create((base.endsWith("/") ? base : base + "/") + name);
    }

    private static Map<String, String> options(Path file, String section) {
        if (!Files.exists(file)) {
            throw new CommandFailure(
                    ExitStatus.FAILED,
                    "there is no client configuration " + file
                            + ". Make one with 'slapos configure client', or name another with --cfg.");
        }
        try {
            return IniFile.read(file).section(section);
        } catch (IOException e) {
            throw new CommandFailure(ExitStatus.FAILED, "cannot read " + file + ": " + e.getMessage());
        }
    }

    private static Optional<URI> url(Map<String, String> options, String name, String example, List<String> problems) {
        var text = options.getOrDefault(name, "");
        if (text.isEmpty()) {
            if (options.containsKey(name)) {
                problems.add(name + " is empty");
            }
            return Optional.empty();
        }
        try {
            var url = URI.create(text);
            if (("https".equals(url.getScheme()) || "http".equals(url.getScheme())) && url.getHost() != null) {
                return Optional.of(url);
            }
        } catch (IllegalArgumentException _) {
            // Said below.
        }
        problems.add(name + " must be like " + example + ", not '" + text + "'");
        return Optional.empty();
    }

    private static Optional<Path> file(
            Map<String, String> options, String name, UnaryOperator<Path> expand, List<String> problems) {
        var path = Optional.ofNullable(options.get(name))
                .filter(text -> !text.isEmpty())
                .map(text -> expand.apply(Path.of(text)));
        path.filter(found -> !Files.isReadable(found))
                .ifPresent(missing -> problems.add(name + ": cannot read " + missing));
        return path;
    }
}
