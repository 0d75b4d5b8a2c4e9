package org.slapos.master;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The command `slapos master`. Exit status: 0 when all is well, 1 when something is in the way, 2 for a wrong use.
@Command(
        name = "slapos master",
        description = {
            "The back office of a SlapOS cloud: knows parties, computers and instances, gives each a certificate,",
            "places requests on ComputerPartitions and keeps the ledger."
        },
        footer = {
            "",
            "A Master of your own, in one folder, on port 8443:",
            "  slapos master start --data $HOME/my-cloud/master --software ./software",
            "Then the first person turns the token in $HOME/my-cloud/master/first-person-token into a certificate."
        },
        subcommands = {Main.Init.class, Main.Start.class, CertificateVerbs.class},
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    private Main() {}

    /// @param arguments what stands after `slapos master`
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        return new CommandLine(new Main())
                .setExecutionExceptionHandler((e, commandLine, _) -> {
                    commandLine.getErr().println("slapos master: " + sentence(e));
                    return 1;
                })
                .execute(arguments.length == 0 ? new String[] {"--help"} : arguments);
    }

    private static String sentence(Exception e) {
        boolean isForeseen = e instanceof IOException
                || e instanceof ConfigurationException
                || e instanceof IllegalStateException
                || e instanceof org.slapos.master.db.DatabaseUnavailableException;
        return isForeseen && e.getMessage() != null ? e.getMessage() : e.toString();
    }

    /// The options that say which Master is meant; each may stand in the section `[master]` of the file too.
    static final class Options {
        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "default: /etc/opt/slapos/master.cfg, if it is there")
        private @Nullable Path config;

        @Option(
                names = "--data",
                paramLabel = "DIR",
                description = "the Master's folder (default: /var/lib/slapos-master)")
        private @Nullable String data;

        @Option(
                names = "--key-file",
                paramLabel = "FILE",
                description = "the key that encrypts private keys, outside of the data (default: DIR.key)")
        private @Nullable String keyFile;

        @Option(
                names = "--key-passphrase-file",
                paramLabel = "FILE",
                description = "holds the passphrase of the key file (default: it has none)")
        private @Nullable String keyPassphraseFile;

        @Option(names = "--host", paramLabel = "ADDRESS", description = "to listen on (default: all)")
        private @Nullable String host;

        @Option(names = "--port", paramLabel = "N", description = "to listen on (default: 8443; 0: any free one)")
        private @Nullable String port;

        @Option(
                names = "--name",
                paramLabel = "NAME",
                description = "one more host name or address that callers use; may be repeated")
        private String @Nullable [] names;

        @Option(
                names = "--public-url",
                paramLabel = "URL",
                description = "the Master's root as callers reach it (default: as each of them names it)")
        private @Nullable String publicUrl;

        @Option(names = "--software", paramLabel = "DIR", description = "serve these profiles below /software/")
        private @Nullable String software;

        @Option(
                names = "--database-url",
                paramLabel = "URL",
                description = {
                    "postgresql://user@host:5432/database (default: an embedded PostgreSQL);",
                    "with a password only in the file: user:password@host"
                })
        private @Nullable String databaseUrl;

        @Option(
                names = "--postgres-port",
                paramLabel = "N",
                description = "of the embedded one (default: any free one)")
        private @Nullable String postgresPort;

        @Option(
                names = "--postgres-user",
                paramLabel = "USER",
                description = "for tests: runs the embedded PostgreSQL when root starts the Master")
        private @Nullable String postgresUser;

        @Option(
                names = "--plain-http",
                arity = "0..1",
                paramLabel = "true|false",
                fallbackValue = "true",
                description = {"without TLS and identities, on loopback only"})
        private @Nullable String plainHttp;

        @Option(
                names = "--trusted-frontends",
                paramLabel = "ADDRESSES",
                description = {
                    "front ends that end TLS, as addresses or networks (10.0.0.0/8): the header of",
                    "--identity-header is believed from there, and from nowhere else (default: none)"
                })
        private @Nullable String trustedFrontends;

        @Option(
                names = "--identity-header",
                paramLabel = "NAME",
                description = {
                    "holds the client's certificate (RFC 9440, or PEM as nginx escapes it) or its reference",
                    "(default: Remote-User)"
                })
        private @Nullable String identityHeader;

        @Option(names = "--min-free-mb", paramLabel = "N", description = "do not start with less disk (default: 200)")
        private @Nullable String minFreeMb;

        @Option(
                names = "--default-assignments",
                paramLabel = "FUNCTION[@PROJECT]",
                description = "functions of every new person (default: customer; none: none)")
        private @Nullable String defaultAssignments;

        @Option(
                names = "--self-registration",
                arity = "0..1",
                paramLabel = "true|false",
                fallbackValue = "true",
                description = "anybody may register, with an e-mail address to verify (default: false)")
        private @Nullable String selfRegistration;

        MasterConfiguration configuration() throws ConfigurationException {
            var given = new LinkedHashMap<String, String>();
            put(given, "data", data);
            put(given, "key-file", keyFile);
            put(given, "key-passphrase-file", keyPassphraseFile);
            put(given, "host", host);
            put(given, "port", port);
            put(given, "public-url", publicUrl);
            put(given, "name", names == null ? null : String.join(" ", names));
            put(given, "software", software);
            put(given, "database-url", databaseUrl);
            put(given, "postgres-port", postgresPort);
            put(given, "postgres-user", postgresUser);
            put(given, "plain-http", plainHttp);
            put(given, "trusted-frontends", trustedFrontends);
            put(given, "identity-header", identityHeader);
            put(given, "min-free-mb", minFreeMb);
            put(given, "default-assignments", defaultAssignments);
            put(given, "self-registration", selfRegistration);
            return ConfigurationReader.read(given, Optional.ofNullable(config));
        }

        private static void put(Map<String, String> given, String key, @Nullable String text) {
            if (text != null) {
                given.put(key, text);
            }
        }
    }

    @Command(
            name = "init",
            description = {
                "Makes what a Master needs and is missing: folder, database, certificate authority, and the one-time token",
                "with which the first person gets a certificate. Doing it again changes nothing."
            },
            mixinStandardHelpOptions = true)
    static final class Init implements Callable<Integer> {
        @Mixin
        private final Options options = new Options();

        @Option(
                names = "--again",
                description = "the first person lost their certificate: revoke it, and write a new token")
        private boolean again;

        @Mixin
        private final CertificateVerbs.Imported imported = new CertificateVerbs.Imported();

        @Override
        public Integer call() throws Exception {
            var configuration = options.configuration();
            var clock = InstantSource.system();
            Master.initialise(
                    configuration,
                    clock,
                    new SecureRandom(),
                    new Foundation.Beginning(again, imported.read(clock.instant())));
            System.out.println("Master initialised in " + configuration.data() + ". Its authority: "
                    + configuration.authorityFile() + ". The first person's token, until it is used: "
                    + configuration.firstTokenFile());
            return 0;
        }
    }

    @Command(
            name = "start",
            description = "Serves until it is stopped (SIGTERM or Ctrl-C); makes what is missing first, as init does.",
            mixinStandardHelpOptions = true)
    static final class Start implements Callable<Integer> {
        @Mixin
        private final Options options = new Options();

        @Override
        public Integer call() throws Exception {
            var configuration = options.configuration();
            var master = Master.open(configuration, InstantSource.system(), new SecureRandom());
            Runtime.getRuntime().addShutdownHook(new Thread(master::close, "stop"));
            System.out.println("Master ready at " + master.url() + " (data " + configuration.data() + ", authority "
                    + configuration.authorityFile() + ")");
            new CountDownLatch(1).await();
            return 0;
        }
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            var version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"SlapOS for Java " + (version == null ? "(not packaged)" : version)};
        }
    }
}
