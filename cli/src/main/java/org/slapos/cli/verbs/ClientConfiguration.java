package org.slapos.cli.verbs;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
/// @param authority roots that the Master's certificate must come from; none = the system's
public record ClientConfiguration(
        Path origin, URI master, Optional<SlapClient.Identity> identity, Optional<Path> authority) {
    private static final Set<String> KNOWN =
            Set.of("master_url", "master_rest_url", "key_file", "cert_file", "master_ca_file");

    /// Reads and checks the file.
    ///
    /// @param expand what a leading `~` of a path means
    /// @throws CommandFailure when there is no such file
    /// @throws MalformedException with every problem of the file at once
    public static ClientConfiguration read(Path file, UnaryOperator<Path> expand) {
        var options = options(file);
        var problems = new ArrayList<String>();
        for (var key : options.keySet()) {
            if (!KNOWN.contains(key)) {
                problems.add("unknown option '" + key + "', did you mean '" + NearestWord.of(key, KNOWN) + "'?");
            }
        }
        var master = master(options, problems);
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
        return new ClientConfiguration(file, master, identity, authority);
    }

    /// The Master, as the person of the certificate.
    public SlapClient connect() throws IOException {
        return SlapClient.open(new SlapClient.Settings(master, identity, authority));
    }

    private static Map<String, String> options(Path file) {
        if (!Files.exists(file)) {
            throw new CommandFailure(
                    ExitStatus.FAILED,
                    "there is no client configuration " + file
                            + ". Make one with 'slapos configure client', or name another with --cfg.");
        }
        try {
            return IniFile.read(file).section("slapos");
        } catch (IOException e) {
            throw new CommandFailure(ExitStatus.FAILED, "cannot read " + file + ": " + e.getMessage());
        }
    }

    private static URI master(Map<String, String> options, List<String> problems) {
        var text = options.get("master_url");
        if (text == null || text.isEmpty()) {
            problems.add("master_url is missing");
            return URI.create("");
        }
        try {
            var url = URI.create(text);
            if (("https".equals(url.getScheme()) || "http".equals(url.getScheme())) && url.getHost() != null) {
                return url;
            }
        } catch (IllegalArgumentException _) {
            // Said below.
        }
        problems.add("master_url must be like https://host:8443/slap, not '" + text + "'");
        return URI.create("");
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
