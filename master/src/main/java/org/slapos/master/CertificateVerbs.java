package org.slapos.master;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slapos.master.db.Database;
import org.slapos.master.db.DatabaseAddress;
import org.slapos.master.db.EmbeddedPostgres;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.Holder;
import org.slapos.master.pki.ImportedAuthority;
import org.slapos.master.pki.KeyFile;
import org.slapos.master.pki.ListedCertificate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos master certificate`: for the operator, on the Master's machine, whether the Master runs or not.
@Command(
        name = "certificate",
        description = {
            "Lists and revokes certificates, and changes the keys that sign them.",
            "Works beside a running Master, which follows within a second."
        },
        subcommands = {
            CertificateVerbs.ListThem.class,
            CertificateVerbs.Revoke.class,
            CertificateVerbs.Keys.class,
            CertificateVerbs.Rotate.class,
            CertificateVerbs.RetireRoot.class,
            CertificateVerbs.Recover.class
        },
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class CertificateVerbs {
    private static final int MOST = 1_000_000;

    private CertificateVerbs() {}

    /// How a list is printed.
    enum Format {
        table,
        json,
        yaml
    }

    /// What all of them share: which Master is meant, and its database.
    abstract static class Verb implements Callable<Integer> {
        @Mixin
        private final Main.Options options = new Main.Options();

        private final InstantSource clock = InstantSource.system();

        @Override
        public final Integer call() throws Exception {
            var configuration = options.configuration();
            var running = configuration.database().isPresent()
                    ? configuration.database()
                    : EmbeddedPostgres.running(configuration.data(), Foundation.DATABASE);
            if (running.isPresent()) {
                return on(configuration, running.get());
            }
            try (var postgres = Foundation.postgres(configuration)) {
                return on(configuration, postgres.database(Foundation.DATABASE));
            }
        }

        private int on(MasterConfiguration configuration, DatabaseAddress address) throws IOException {
            try (var database = Database.open(address, 2)) {
                return run(configuration, database, clock.instant());
            }
        }

        abstract int run(MasterConfiguration configuration, Database database, Instant now) throws IOException;

        static CertificateAuthority authority(MasterConfiguration configuration, Database database, Instant now)
                throws IOException {
            if (!CertificateAuthority.isIn(database)) {
                throw new IOException("This Master has no authority yet: run 'slapos master init'.");
            }
            var random = new SecureRandom();
            var keyFile = KeyFile.read(configuration.keyFile(), Foundation.passphrase(configuration), random);
            return CertificateAuthority.open(database, keyFile, random, now);
        }
    }

    @Command(
            name = "list",
            description = "Lists the certificates that work: whose, until when, and when they were last shown.",
            footer = {"", "Example:", "  slapos master certificate list -o json"},
            mixinStandardHelpOptions = true)
    static final class ListThem extends Verb {
        @Option(names = "--all", description = "those that do not work any more, too")
        private boolean all;

        @Option(names = "--holder", paramLabel = "REFERENCE", description = "of this person, Computer or instance only")
        private @Nullable String holder;

        @Option(names = "-o", paramLabel = "FORMAT", defaultValue = "table", description = "table, json or yaml")
        private Format format = Format.table;

        @Override
        int run(MasterConfiguration configuration, Database database, Instant now) throws IOException {
            var found = authority(configuration, database, now);
            Optional<Collection<Holder>> holders = Optional.ofNullable(holder).map(CertificateVerbs::holders);
            var list = database.inTransaction(tx -> found.list(tx, holders, all, now, MOST, 0));
            var rows = new ObjectMapper().createArrayNode();
            list.forEach(certificate -> rows.add(row(certificate, now)));
            print(rows, format, List.of("subject", "kind", "state", "expires", "last_used", "serial"));
            return 0;
        }

        private static ObjectNode row(ListedCertificate certificate, Instant now) {
            var row = new ObjectMapper().createObjectNode();
            row.put("subject", certificate.holder().reference());
            row.put("kind", certificate.holder().kind().name().toLowerCase(Locale.ROOT));
            row.put("state", state(certificate, now));
            row.put("issued", seconds(certificate.issuedAt()));
            row.put("expires", seconds(certificate.endsAt().orElse(certificate.notAfter())));
            row.put(
                    "last_used",
                    certificate.usedAt().map(CertificateVerbs::seconds).orElse("never"));
            row.put("serial", certificate.serial());
            row.put("fingerprint", certificate.fingerprint());
            row.put("signing_key", certificate.issuer());
            return row;
        }

        private static String state(ListedCertificate certificate, Instant now) {
            var why = certificate.why().toLowerCase(Locale.ROOT).replace('_', ' ');
            if (certificate.works(now)) {
                return certificate.endsAt().isEmpty() ? "works" : "ends (" + why + ")";
            }
            return why.isEmpty() ? "expired" : why;
        }
    }

    private static List<Holder> holders(String reference) {
        var holders = new ArrayList<Holder>();
        for (var kind : Holder.Kind.values()) {
            holders.add(new Holder(kind, reference));
        }
        return holders;
    }

    @Command(
            name = "revoke",
            description = {
                "Ends certificates at once, and closes their connections.",
                "Who needs another registers again, with a new token."
            },
            mixinStandardHelpOptions = true)
    static final class Revoke extends Verb {
        @Parameters(
                paramLabel = "REFERENCE|SERIAL",
                description = "all of a person, Computer or instance (COMP-7), or one by its serial number")
        private String what = "";

        @Override
        int run(MasterConfiguration configuration, Database database, Instant now) throws IOException {
            var found = authority(configuration, database, now);
            boolean isSerial = what.matches("[0-9a-fA-F]{20,40}");
            boolean done = database.inTransaction(tx -> isSerial
                    ? found.revoke(tx, what.toLowerCase(Locale.ROOT), now)
                    : holders(what).stream()
                            .map(holder -> found.revoke(tx, holder, now))
                            .reduce(false, Boolean::logicalOr));
            if (!done) {
                throw new IOException("No certificate of '" + what + "' works: see 'slapos master certificate list'.");
            }
            System.out.println("Revoked: " + what);
            return 0;
        }
    }

    @Command(
            name = "keys",
            description = "Lists the keys that sign, and those that did.",
            mixinStandardHelpOptions = true)
    static final class Keys extends Verb {
        @Option(names = "-o", paramLabel = "FORMAT", defaultValue = "table", description = "table, json or yaml")
        private Format format = Format.table;

        @Override
        int run(MasterConfiguration configuration, Database database, Instant now) throws IOException {
            var rows = new ObjectMapper().createArrayNode();
            for (var key : authority(configuration, database, now).signingKeys()) {
                rows.addObject()
                        .put("number", key.number())
                        .put("kind", key.kind().toLowerCase(Locale.ROOT))
                        .put("state", key.state())
                        .put("subject", key.subject())
                        .put("made", seconds(key.made()))
                        .put("expires", seconds(key.notAfter()));
            }
            print(rows, format, List.of("number", "kind", "state", "subject", "made", "expires"));
            return 0;
        }
    }

    @Command(
            name = "rotate",
            description = {
                "Makes a new issuing key, signed by the root. What the one before has signed goes on working.",
                "With --stolen all of that ends, at once or after a time of grace in which our nodes renew by themselves."
            },
            footer = {
                "",
                "Examples:",
                "  slapos master certificate rotate",
                "  slapos master certificate rotate --stolen --grace-hours 48"
            },
            mixinStandardHelpOptions = true)
    static final class Rotate extends Verb {
        @Option(names = "--stolen", description = "somebody else has the issuing key")
        private boolean stolen;

        @Option(
                names = "--grace-hours",
                defaultValue = "0",
                paramLabel = "N",
                description = "with --stolen: how long what it signed still works (default: not at all)")
        private int graceHours;

        @Override
        int run(MasterConfiguration configuration, Database database, Instant now) throws IOException {
            if (graceHours < 0 || graceHours > 24 * 30 || (graceHours > 0 && !stolen)) {
                throw new IOException("--grace-hours is a number from 0 to 720, and goes with --stolen.");
            }
            var found = authority(configuration, database, now);
            var grace = stolen ? Optional.of(Duration.ofHours(graceHours)) : Optional.<Duration>empty();
            int ended = database.inTransaction(tx -> found.rotate(tx, grace, now));
            System.out.println("A new issuing key signs from now on."
                    + (stolen
                            ? " Certificates of the stolen one that end "
                                    + (graceHours == 0 ? "now" : "at " + seconds(now.plus(grace.orElseThrow()))) + ": "
                                    + ended + ". Registering anew needs a token (slapos computer token);"
                                    + " 'slapos master init --again' gives the first person one."
                            : ""));
            return 0;
        }
    }

    @Command(
            name = "retire-root",
            description = {
                "For a Master that was first started by a release without issuing keys: the server stops showing a",
                "certificate that the old root has signed. Before, give all nodes and clients the file ca.crt of now."
            },
            mixinStandardHelpOptions = true)
    static final class RetireRoot extends Verb {
        @Override
        int run(MasterConfiguration configuration, Database database, Instant now) throws IOException {
            var found = authority(configuration, database, now);
            boolean was = database.inTransaction(tx -> found.endOldRoot(tx, now));
            System.out.println(
                    was ? "The old root has ended." : "There is no old root: this Master began with issuing keys.");
            return 0;
        }
    }

    @Command(
            name = "recover",
            description = {
                "The key file is lost for good: makes a new one, with a new root and a new issuing key.",
                "Certificates of people and nodes go on working; keys that were kept for instances are made anew.",
                "Then start the Master again, and give all nodes and clients its new ca.crt (master_ca_file)."
            },
            mixinStandardHelpOptions = true)
    static final class Recover extends Verb {
        @Option(
                names = "--key-file-lost",
                required = true,
                description = "yes, it is lost: what is sealed under it cannot be read any more")
        private boolean lost;

        @Mixin
        private final Imported imported = new Imported();

        @Override
        int run(MasterConfiguration configuration, Database database, Instant now) throws IOException {
            var file = configuration.keyFile();
            if (!lost || Files.exists(file)) {
                throw new IOException("The key file " + file
                        + " is there: move it away first, if it is not the one that" + " belongs to this Master.");
            }
            var authority = imported.read(now);
            var random = new SecureRandom();
            var passphrase = Foundation.passphrase(configuration);
            KeyFile.createIfMissing(file, passphrase, random);
            var keyFile = KeyFile.read(file, passphrase, random);
            var made = CertificateAuthority.afterLoss(database, keyFile, random, now, authority);
            Foundation.replace(configuration.authorityFile(), made.certificatePem(), "rw-r--r--");
            System.out.println("A new key file: " + file + ". The new root: " + configuration.authorityFile()
                    + ". Start the Master again, and give the root to all nodes and clients.");
            return 0;
        }
    }

    /// The options for an authority that was there before.
    static final class Imported {
        @Option(
                names = "--ca-certificate",
                paramLabel = "FILE",
                description = "begin with this authority as the root: PEM, then the certificates above it, if any")
        private @Nullable Path certificate;

        @Option(
                names = "--ca-key",
                paramLabel = "FILE",
                description = "its key: PEM, PKCS#8, not encrypted; it may be deleted afterwards")
        private @Nullable Path key;

        Optional<ImportedAuthority> read(Instant now) throws IOException {
            if (certificate == null && key == null) {
                return Optional.empty();
            }
            if (certificate == null || key == null) {
                throw new IOException("--ca-certificate and --ca-key go together.");
            }
            return Optional.of(ImportedAuthority.read(certificate, key, now));
        }
    }

    private static String seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static void print(ArrayNode rows, Format format, List<String> columns) throws IOException {
        switch (format) {
            case json -> System.out.println(rows.toPrettyString());
            case yaml ->
                System.out.print(YAMLMapper.builder()
                        .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                        .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                        .build()
                        .writeValueAsString(rows));
            case table -> System.out.print(table(rows, columns));
        }
    }

    private static String table(ArrayNode rows, List<String> columns) {
        var lines = new ArrayList<List<String>>();
        lines.add(columns.stream()
                .map(column -> column.toUpperCase(Locale.ROOT).replace('_', ' '))
                .toList());
        for (JsonNode row : rows) {
            lines.add(columns.stream().map(column -> row.path(column).asText()).toList());
        }
        var text = new StringBuilder();
        for (var line : lines) {
            for (int i = 0; i < columns.size(); i++) {
                int column = i;
                int width = lines.stream()
                        .mapToInt(other -> other.get(column).length())
                        .max()
                        .orElse(0);
                text.append(line.get(i));
                if (i < columns.size() - 1) {
                    text.repeat(' ', width - line.get(i).length() + 2);
                }
            }
            text.append('\n');
        }
        return text.toString();
    }
}
