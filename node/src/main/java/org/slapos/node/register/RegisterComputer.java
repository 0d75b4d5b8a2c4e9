package org.slapos.node.register;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.host.Host;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.client.OwnKey;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;

/// Redeems a token for this machine's certificate and writes its configuration (SLAP protocol, certificate bootstrap).
public final class RegisterComputer {
    private static final Pattern COMPUTER = Pattern.compile("COMP-[^/\\s]*?(?=/email)");

    private final Host host;

    public RegisterComputer(Host host) {
        this.host = host;
    }

    /// Everything that can be wrong here is looked at before the token is spent. An old configuration stays beside the
    /// new one, with `.old` at the end of its name.
    ///
    /// @throws RegistrationException when the Master refuses or cannot be trusted
    public ComputerId register(Registration wanted) {
        var file = wanted.configurationFile().toAbsolutePath().normalize();
        var folder = Optional.ofNullable(file.getParent())
                .orElseThrow(() -> new RegistrationException(file + " cannot be a configuration file"));
        // With an id that stands for the one to come, so that a wrong setting shows itself now.
        checked(file, wanted, new ComputerId("COMP-0"), Optional.empty());
        parents(folder);
        if (!Files.isWritable(folder)) {
            throw new RegistrationException("cannot write into " + folder + ": choose another place with --cfg");
        }
        var own = OwnKey.make();
        var answer = redeem(wanted, own);
        var certificate = text(answer, "certificate");
        // A Master that does not know of requests has made a key itself.
        var key = answer.path("key").asText().isBlank() ? own.pem() : text(answer, "key");
        if (key.equals(own.pem()) && !own.fits(certificate)) {
            throw new RegistrationException("the Master's certificate is not for the key of this machine");
        }
        var computer = computerId(certificate, answer);
        try {
            keepOld(folder.resolve("ssl"));
            keepOld(file);
        } catch (IOException e) {
            throw new RegistrationException("cannot put the old configuration aside in " + folder + ": " + e, e);
        }
        var ssl = folder.resolve("ssl");
        host.createDirectory(ssl, 0711);
        host.createDirectory(ssl.resolve("partition_pki"), 0711);
        host.writeFile(ssl.resolve("key"), bytes(key), 0600);
        host.writeFile(ssl.resolve("certificate"), bytes(certificate), 0600);
        host.writeFile(file, bytes(ConfigurationText.of(wanted, computer, Optional.of(ssl))), 0644);
        return computer;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// The configuration that would be written.
    public String preview(Registration wanted) {
        var file = wanted.configurationFile().toAbsolutePath().normalize();
        checked(file, wanted, new ComputerId("COMP-0"), Optional.empty());
        return ConfigurationText.of(wanted, new ComputerId("COMP-0"), Optional.of(file.resolveSibling("ssl")));
    }

    private static void checked(Path file, Registration wanted, ComputerId computer, Optional<Path> ssl) {
        var text = ConfigurationText.of(wanted, computer, ssl);
        ConfigurationReader.of(IniFile.parse(file + " (to be written)", text), Map.of());
    }

    private void parents(Path folder) {
        var missing = new ArrayDeque<Path>();
        for (Path path = folder; path != null && host.facts(path).isEmpty(); path = path.getParent()) {
            missing.push(path);
        }
        missing.forEach(path -> host.createDirectory(path, 0755));
    }

    private static JsonNode redeem(Registration wanted, OwnKey own) {
        var settings = new SlapClient.Settings(wanted.masterUrlWeb(), Optional.empty(), wanted.masterCaFile());
        try (var client = SlapClient.open(settings)) {
            return client.redeemToken(
                    wanted.masterUrlWeb(),
                    "Person_requestComputer",
                    wanted.token(),
                    Map.of("title", wanted.title(), "certificate_signing_request", own.request()));
        } catch (SlapException e) {
            throw new RegistrationException(why(wanted, e), e);
        } catch (IOException | MalformedException e) {
            throw new RegistrationException("cannot register '" + wanted.title() + "': " + e.getMessage(), e);
        }
    }

    private static String why(Registration wanted, SlapException e) {
        var text = String.valueOf(e.getMessage());
        var master = wanted.masterUrlWeb();
        if (text.contains("Certificate still active")) {
            return "a Computer named '" + wanted.title() + "' is registered already and its certificate is valid: "
                    + "choose another title, or revoke that certificate first";
        }
        return switch (e.kind()) {
            case FORBIDDEN ->
                master + " refuses the token: it is wrong, spent or too old; ask for a new one (" + text + ")";
            case UNREACHABLE ->
                text.contains("PKIX") || text.contains("certificate") || text.contains("SSL")
                        ? "the certificate of " + master + " cannot be verified: give the Master's CA with "
                                + "--master-ca-file (" + text + ")"
                        : master + " cannot be reached: is the Master running, and --master-url-web right? (" + text
                                + ")";
            case NOT_FOUND -> master + " does not register Computers: is --master-url-web right? (" + text + ")";
            case NOT_READY, LIMITED, REFUSED, BUSY, SERVER_ERROR ->
                master + " did not register '" + wanted.title() + "': " + text;
        };
    }

    private static String text(JsonNode answer, String name) {
        var text = answer.path(name).asText();
        if (text.isBlank()) {
            throw new RegistrationException("the Master's answer has no '" + name + "'");
        }
        return text;
    }

    /// From `COMP-` up to `/email` in the certificate's text; else what the answer names.
    private static ComputerId computerId(String certificate, JsonNode answer) {
        var matcher = COMPUTER.matcher(certificate);
        try {
            return new ComputerId(matcher.find() ? matcher.group() : text(answer, "reference"));
        } catch (IllegalArgumentException e) {
            throw new RegistrationException("the Master gave a reference that cannot be one: " + e.getMessage(), e);
        }
    }

    private static void keepOld(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        var old = path.resolveSibling(path.getFileName() + ".old");
        for (int n = 1; Files.exists(old); n++) {
            old = path.resolveSibling(path.getFileName() + ".old." + n);
        }
        Files.move(path, old);
    }
}
