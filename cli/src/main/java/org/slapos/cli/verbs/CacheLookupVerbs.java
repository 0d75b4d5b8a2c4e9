package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `slapos cachelookup`: what the network cache of this machine's node has.
final class CacheLookupVerbs {
    private CacheLookupVerbs() {}

    private static String md5(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
    }

    /// Looks up one key, and shows its entries.
    abstract static class Lookup extends Verb {
        /// The option with the URL of the directory.
        String directory() {
            return "download-dir-url";
        }

        abstract String key();

        /// What the entries are about, for messages.
        abstract String subject();

        /// The members of an entry that are shown before its hash.
        abstract List<String> columns();

        @Override
        public final int call() throws IOException {
            var file = configurationFile("SLAPOS_CONFIGURATION").orElse(Path.of("/etc/opt/slapos/slapos.cfg"));
            if (!Files.exists(file)) {
                throw new CommandFailure(
                        ExitStatus.FAILED,
                        "there is no node configuration " + file + ". Name another with --cfg, or with the variable"
                                + " SLAPOS_CONFIGURATION.");
            }
            var found = Shadir.open(file, directory(), log())
                    .select(key())
                    .orElseThrow(() ->
                            new CommandFailure(ExitStatus.FAILED, subject() + " is not found in the network cache."));
            var records = new ArrayList<ObjectNode>();
            found.forEach(entry -> records.add(record(entry)));
            print(new Found(
                    () -> ServiceListVerb.array(records),
                    () -> table(records),
                    records.stream().map(record -> text(record, "sha512")).toList()));
            return ExitStatus.OK;
        }

        /// What an entry is shown with beside its members.
        void complete(ObjectNode record) {}

        private ObjectNode record(Shadir.Entry entry) {
            var record = JsonNodeFactory.instance.objectNode();
            entry.metadata().properties().forEach(member -> record.set(member.getKey(), member.getValue()));
            complete(record);
            return record.put("verified", entry.verified());
        }

        private Table table(List<ObjectNode> records) {
            var header = new ArrayList<>(columns());
            header.addAll(List.of("sha512", "verified"));
            var table = new Table(
                    subject() + " has no entries in the network cache.",
                    header.stream()
                            .map(name -> name.replace('_', ' ').toUpperCase(java.util.Locale.ROOT))
                            .toArray(String[]::new));
            records.forEach(record ->
                    table.row(header.stream().map(name -> text(record, name)).toArray(String[]::new)));
            return table;
        }

        private static String text(JsonNode record, String name) {
            var value = record.path(name);
            if (!value.isArray()) {
                return value.isBoolean() ? (value.asBoolean() ? "yes" : "no") : value.asText("");
            }
            var words = new ArrayList<String>();
            value.forEach(word -> words.add(word.asText()));
            return String.join(" ", words);
        }
    }

    /// `slapos cachelookup url`.
    @Command(
            description = {
                "Looks up a downloaded file in the network cache.",
                "Reads section [networkcache] of the node's configuration: --cfg, else $SLAPOS_CONFIGURATION, else",
                "/etc/opt/slapos/slapos.cfg. Exit status 1 when it is not found."
            },
            footer = {"", "Example:", "  slapos cachelookup url https://www.example.org/source-1.0.tar.gz"})
    static final class Url extends Lookup {
        @Parameters(index = "0", paramLabel = "URL", description = "From where it was downloaded.")
        private String url = "";

        @Override
        String key() {
            return "file-urlmd5:" + md5(url);
        }

        @Override
        String subject() {
            return url;
        }

        @Override
        List<String> columns() {
            return List.of("url");
        }
    }

    /// `slapos cachelookup pypi`.
    @Command(
            description = {"Looks up a Python egg in the network cache.", "Exit status 1 when it is not found."},
            footer = {"", "Example:", "  slapos cachelookup pypi setuptools 40.8.0"})
    static final class Pypi extends Lookup {
        @Parameters(index = "0", paramLabel = "NAME", description = "Of the egg.")
        private String name = "";

        @Parameters(index = "1", paramLabel = "VERSION", description = "Exactly.")
        private String version = "";

        @Override
        String key() {
            return "pypi:" + name + "=" + version;
        }

        @Override
        String subject() {
            return name + " " + version;
        }

        @Override
        List<String> columns() {
            return List.of("basename");
        }
    }

    /// `slapos cachelookup binary-sr`.
    @Command(
            description = {
                "Looks up a built SoftwareRelease in the network cache, for any operating system, and says whether it",
                "runs on this machine.",
                "Exit status 1 when it is not found."
            },
            footer = {"", "Example:", "  slapos cachelookup binary-sr https://cloud.example/software/x/software.cfg"})
    static final class Binary extends Lookup {
        private static final String MD5 = "[0-9a-f]{32}";

        @Parameters(index = "0", paramLabel = "SOFTWARE_URL", description = "Its URL, or the MD5 of it.")
        private String software = "";

        @Override
        String directory() {
            return "download-binary-dir-url";
        }

        @Override
        String key() {
            return software.matches(MD5) ? software : md5(software);
        }

        @Override
        String subject() {
            return software;
        }

        @Override
        List<String> columns() {
            return List.of("software_url", "multiarch", "os", "compatible");
        }

        @Override
        void complete(ObjectNode record) {
            record.put("compatible", Platform.of(record).equals(Platform.here()));
        }
    }
}
