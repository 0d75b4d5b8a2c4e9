package org.slapos.cli.verbs;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.client.OwnKey;
import org.slapos.protocol.client.SlapClient;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slapos configure`: gets this machine's user ready to talk to a Master.
final class ConfigureVerbs {
    private ConfigureVerbs() {}

    /// `slapos configure client`: turns a one-time token into a certificate, and writes the client's files.
    @Command(
            description = {
                "Turns a one-time token into your certificate and writes your client configuration:",
                "slapos-client.cfg, client.crt and client.key (0600), in the folder of --cfg or ~/.slapos (0700).",
                "Files that are there are never overwritten."
            },
            footer = {
                "",
                "Example, for a Master that has its own authority:",
                "  slapos configure client --master-url https://cloud.example:8443/slap \\",
                "      --master-url-web https://cloud.example:8443 --master-ca-file ca.crt --token-file token"
            })
    static final class Client extends Verb {
        @Option(
                names = "--master-url",
                required = true,
                paramLabel = "URL",
                description = "Where the SLAP protocol is.")
        private @Nullable URI master;

        @Option(
                names = "--master-url-web",
                paramLabel = "URL",
                description = "Where certificates are given; else the root of --master-url.")
        private @Nullable URI web;

        @Option(
                names = "--master-ca-file",
                paramLabel = "FILE",
                description = "Roots to verify the Master by; else the system's.")
        private @Nullable Path authority;

        @ArgGroup(exclusive = true, multiplicity = "1")
        private Token token = new Token();

        /// One of the two.
        static final class Token {
            @Option(names = "--token", paramLabel = "TOKEN", description = "The one-time token.")
            private @Nullable String text;

            @Option(
                    names = "--token-file",
                    paramLabel = "FILE",
                    description = "The file that holds it, or - to be asked.")
            private @Nullable Path file;

            String read() throws IOException {
                if (text != null) {
                    return text.strip();
                }
                var from = java.util.Objects.requireNonNull(file, "one of the two is given");
                var read = from.toString().equals("-")
                        ? new String(System.in.readNBytes(4096), StandardCharsets.UTF_8)
                        : Files.readString(from);
                if (read.isBlank()) {
                    throw new CommandFailure(ExitStatus.FAILED, "there is no token in " + from);
                }
                return read.strip();
            }
        }

        @Override
        public int call() throws IOException {
            var url = java.util.Objects.requireNonNull(master, "a required option");
            var configuration = configurationFile().toAbsolutePath();
            var folder = java.util.Objects.requireNonNull(configuration.getParent(), "a file has a folder");
            var certificate = folder.resolve("client.crt");
            var key = folder.resolve("client.key");
            for (var file : new Path[] {configuration, certificate, key}) {
                if (Files.exists(file)) {
                    throw new CommandFailure(
                            ExitStatus.FAILED,
                            file + " is there already and is not overwritten. Move it away, or name another --cfg.");
                }
            }
            var root = web != null ? web : url.resolve("/");
            var roots = Optional.ofNullable(authority).map(Path::toAbsolutePath);
            try (var client = SlapClient.open(new SlapClient.Settings(url, Optional.empty(), roots))) {
                // Written before the token is spent: a folder that cannot be written to must not cost it.
                makeFolder(folder);
                write(configuration, text(url, certificate, key, roots));
                try {
                    var own = OwnKey.make();
                    var answer = client.redeemToken(
                            root,
                            "Person_getCertificate",
                            token.read(),
                            Map.of("certificate_signing_request", own.request()));
                    // A Master that does not know of requests has made a key itself.
                    var made = answer.path("key").asText();
                    write(key, made.isBlank() ? own.pem() : made);
                    write(certificate, answer.required("certificate").asText());
                } catch (RuntimeException | IOException e) {
                    Files.deleteIfExists(configuration);
                    throw e;
                }
            }
            log().info("Configured: " + configuration + ". Try 'slapos --cfg " + configuration + " computer list'.");
            return ExitStatus.OK;
        }

        private static String text(URI master, Path certificate, Path key, Optional<Path> authority) {
            var options = new LinkedHashMap<String, String>();
            options.put("master_url", master.toString());
            options.put("cert_file", certificate.toString());
            options.put("key_file", key.toString());
            authority.ifPresent(file -> options.put("master_ca_file", file.toString()));
            var text = new StringBuilder("[slapos]\n");
            options.forEach((name, value) -> text.append(name)
                    .append(" = ")
                    .append(value.replace("%", "%%"))
                    .append('\n'));
            return text.toString();
        }

        private static void makeFolder(Path folder) throws IOException {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder);
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            }
        }

        private static void write(Path file, String text) throws IOException {
            var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
            try (var channel =
                    FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
                var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
        }
    }
}
