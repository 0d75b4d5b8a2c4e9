package org.slapos.master.proxy;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.MalformedException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// The command `slapos proxy`. Exit status: 0 when all is well, 1 when something is in the way, 2 for a wrong use,
/// 5 for a command that does not exist.
@Command(
        name = "slapos proxy",
        description = {
            "A Master for one user, for development and tests: plain HTTP on loopback, no certificates, one",
            "default computer, up in a second. A drop-in for the Python slapproxy."
        },
        footer = {
            "",
            "A proxy for one test suite, forgotten when it ends:",
            "  slapos proxy start --port 5000",
            "Its clients and nodes set master_url = http://127.0.0.1:5000/ and computer_id = local_computer.",
            "The same with a state that is kept:",
            "  slapos proxy start --database-uri $HOME/proxy.state"
        },
        subcommands = {Main.Start.class, Show.class},
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    private final Map<String, String> environment;

    private Main(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /// @param arguments what stands after `slapos proxy`
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(System.getenv(), out, err, arguments));
    }

    /// Does what the arguments say; `start` returns when its thread is interrupted.
    static int run(Map<String, String> environment, PrintWriter out, PrintWriter err, String... arguments) {
        return new CommandLine(new Main(environment))
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(120)
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler(Main::wrongUse)
                .setExecutionExceptionHandler((e, line, _) -> {
                    line.getErr().println("slapos proxy: " + sentence(e));
                    return 1;
                })
                .execute(arguments.length == 0 ? new String[] {"--help"} : arguments);
    }

    private static int wrongUse(CommandLine.ParameterException e, String[] arguments) {
        var line = e.getCommandLine();
        line.getErr().println("slapos: " + e.getMessage());
        line.getErr().println("'" + line.getCommandSpec().qualifiedName() + " --help' says how it is used.");
        boolean noSuchCommand = e instanceof CommandLine.UnmatchedArgumentException
                && !line.getSubcommands().isEmpty();
        return noSuchCommand ? 5 : 2;
    }

    private static String sentence(Exception e) {
        boolean isForeseen = e instanceof IOException || e instanceof MalformedException || e instanceof Refusal;
        return isForeseen && e.getMessage() != null ? e.getMessage() : e.toString();
    }

    Map<String, String> environment() {
        return environment;
    }

    /// Where the configuration is; what else is said on the command line wins over it.
    static final class Options {
        @Option(
                names = "--cfg",
                paramLabel = "FILE",
                description = "with a section [slapproxy] (default: $SLAPOS_CONFIGURATION, else none)")
        private @Nullable Path file;

        @Option(
                names = {"-u", "--database-uri"},
                paramLabel = "FILE",
                description = "where the state is kept (default: nowhere, it begins empty at each start)")
        private @Nullable String stateFile;

        ProxyConfiguration read(Map<String, String> environment, Map<String, String> given) throws IOException {
            var all = new LinkedHashMap<>(given);
            if (stateFile != null) {
                all.put("database_uri", stateFile);
            }
            var named = Optional.ofNullable(file)
                    .or(() -> Optional.ofNullable(environment.get("SLAPOS_CONFIGURATION"))
                            .filter(name -> !name.isBlank())
                            .map(Path::of));
            return ProxyConfiguration.read(named, all);
        }
    }

    @Command(
            name = "start",
            description = "Serves until it is stopped (SIGTERM or Ctrl-C).",
            mixinStandardHelpOptions = true)
    static final class Start implements Callable<Integer> {
        @Mixin
        private final Options options = new Options();

        @Option(names = "--host", paramLabel = "ADDRESS", description = "to listen on (default: 127.0.0.1)")
        private @Nullable String host;

        @Option(names = "--port", paramLabel = "N", description = "to listen on (default: 5000; 0: any free one)")
        private @Nullable String port;

        @Option(
                names = "--local-software-release-root",
                paramLabel = "DIR",
                description = {
                    "where software given by a relative path lies; when it is another folder than last time,",
                    "the paths below it that were kept move along"
                })
        private @Nullable String softwareRoot;

        @Spec
        private @Nullable CommandSpec spec;

        @ParentCommand
        private @Nullable Main parent;

        @Override
        public Integer call() throws Exception {
            var given = new LinkedHashMap<String, String>();
            put(given, "host", host);
            put(given, "port", port);
            put(given, "local_software_release_root", softwareRoot);
            var settings = options.read(
                    Objects.requireNonNull(parent, "set by picocli").environment(), given);
            if (settings.logFile().isPresent()) {
                alsoLogTo(settings.logFile().get());
            }
            var proxy = Proxy.open(settings, InstantSource.system());
            Runtime.getRuntime().addShutdownHook(new Thread(() -> close(proxy), "stop"));
            Objects.requireNonNull(spec, "set by picocli")
                    .commandLine()
                    .getOut()
                    .println("Proxy ready at " + proxy.url() + " (computer " + settings.computer() + ", state "
                            + settings.stateFile().map(Path::toString).orElse("forgotten at the end") + ")");
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException _) {
                proxy.close();
            }
            return 0;
        }

        private static void close(Proxy proxy) {
            try {
                proxy.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void put(Map<String, String> given, String key, @Nullable String text) {
            if (text != null) {
                given.put(key, text);
            }
        }

        /// What goes to standard error goes to the file as well.
        private static void alsoLogTo(Path file) throws IOException {
            var log = new FileOutputStream(file.toFile(), true);
            var error = System.err;
            System.setErr(new PrintStream(
                    new OutputStream() {
                        @Override
                        public void write(int b) throws IOException {
                            error.write(b);
                            log.write(b);
                        }

                        @Override
                        public void write(byte[] bytes, int from, int length) throws IOException {
                            error.write(bytes, from, length);
                            log.write(bytes, from, length);
                        }
                    },
                    true,
                    StandardCharsets.UTF_8));
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
