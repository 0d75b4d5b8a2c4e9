package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.slapos.cli.profile.Downloads;
import org.slapos.cli.profile.Profile;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos software`: what SoftwareReleases are made of, and why one does not build.
final class SoftwareVerbs {
    private SoftwareVerbs() {}

    /// `slapos software show`.
    @Command(
            description = {
                "Lists the parts that a SoftwareRelease is built from: the sources of each and the patches applied to it,",
                "with their SHA-256 hashes. Reads the profile and all it extends, and builds nothing."
            },
            footer = {
                "",
                "Examples:",
                "  slapos software show https://cloud.example:8443/software/helloworld/software.cfg",
                "  slapos software show --verify software/helloworld/software.cfg"
            })
    static final class Show extends Verb {
        @Parameters(
                index = "0",
                paramLabel = "PROFILE",
                description = "The profile: an https, http or file URL, or a path.")
        private String url = "";

        @Option(names = "--verify", description = "Download each source and patch, and compare its hash.")
        private boolean verify;

        @Override
        public int call() throws IOException {
            try (var downloads = Downloads.trusting(authority())) {
                var profile = Profile.read(location(), downloads::text);
                var result = SlapClient.parameters();
                profile.files().forEach(file -> result.withArray("files").add(file.toString()));
                var table = new Table(
                        "No part with sources or patches.",
                        verify
                                ? new String[] {"PART", "KIND", "SHA-256", "URL", "VERIFIED"}
                                : new String[] {"PART", "KIND", "SHA-256", "URL"});
                boolean good = true;
                var parts = result.putArray("parts");
                for (var part : profile.parts()) {
                    var json = parts.addObject().put("name", part.name()).put("recipe", part.recipe());
                    good &= list(downloads, part.name(), "source", part.sources(), json.putArray("sources"), table);
                    good &= list(downloads, part.name(), "patch", part.patches(), json.putArray("patches"), table);
                }
                print(new Found(
                        () -> result,
                        () -> table,
                        profile.parts().stream().map(Profile.Part::name).toList()));
                if (!good) {
                    throw new CommandFailure(ExitStatus.FAILED, "not everything has the hash that the profile gives.");
                }
                return ExitStatus.OK;
            }
        }

        /// @return false when something was verified and is not what the profile says
        private boolean list(
                Downloads downloads,
                String part,
                String kind,
                List<Profile.Source> sources,
                ArrayNode into,
                Table table) {
            boolean good = true;
            for (var source : sources) {
                var json = into.addObject().put("url", source.url()).put("hash", source.hash());
                var hash = source.hash().isEmpty() ? "none" : source.hash();
                if (verify) {
                    var found = verified(downloads, source);
                    good &= found.equals("ok");
                    json.put("verified", found);
                    table.row(part, kind, hash, source.url(), found);
                } else {
                    table.row(part, kind, hash, source.url());
                }
            }
            return good;
        }

        private static String verified(Downloads downloads, Profile.Source source) {
            if (!source.hash().matches("[0-9a-fA-F]{64}")) {
                return source.hash().isEmpty() ? "NO HASH" : "NOT A SHA-256 HASH";
            }
            try {
                var found = downloads.sha256(new URI(source.url()));
                return found.equals(source.hash().toLowerCase(Locale.ROOT)) ? "ok" : "DIFFERENT: " + found;
            } catch (IOException e) {
                return "NOT FETCHED: " + Downloads.why(e);
            } catch (java.net.URISyntaxException _) {
                return "NOT FETCHED: only a build knows its URL";
            }
        }

        /// The Master's own roots, when there is a client configuration: a public profile needs none.
        private Optional<Path> authority() {
            return Files.exists(configurationFile()) ? configuration().authority() : Optional.empty();
        }

        private URI location() {
            try {
                var given = URI.create(url);
                if (given.getScheme() != null && Set.of("https", "http", "file").contains(given.getScheme())) {
                    return given;
                }
            } catch (IllegalArgumentException _) {
                // A path may hold what a URL may not.
            }
            return expanded(Path.of(url)).toAbsolutePath().normalize().toUri();
        }
    }

    /// `slapos software log`.
    @Command(
            description = {
                "Prints what the build of a SoftwareRelease said when it failed on a Computer.",
                "Exit status 2 when the SoftwareRelease is not supplied there."
            },
            footer = {"", "Example:", "  slapos software log https://.../software.cfg COMP-1"})
    static final class Log extends Verb {
        @Parameters(index = "0", paramLabel = "SOFTWARE_URL", description = "The SoftwareRelease's profile.")
        private String url = "";

        @Parameters(index = "1", paramLabel = "COMPUTER", description = "Reference of the Computer, such as COMP-1.")
        private String computer = "";

        @Override
        public int call() throws IOException {
            try (var master = connect()) {
                var installation = master.json(
                        "slapos.get.v0.software_installation",
                        SlapClient.parameters().put("computer_guid", computer).put("software_release_uri", url));
                var errors = installation.path("error_log").asText("");
                var status = installation.path("access_status_message").asText("nothing reported yet");
                print(
                        new Found(() -> installation, () -> new Table("", "", "").row("status", status), List.of(url)),
                        () -> {
                            if (errors.isEmpty()) {
                                log().info("no error: " + status);
                            } else {
                                out().println(Visible.lines(errors));
                            }
                        });
                return ExitStatus.OK;
            } catch (SlapException e) {
                if (e.kind() == SlapException.Kind.NOT_FOUND) {
                    throw new CommandFailure(
                            ExitStatus.NOT_READY,
                            url + " is not supplied on " + computer + ". Supply it: slapos supply " + url + " "
                                    + computer);
                }
                throw e;
            }
        }
    }
}
