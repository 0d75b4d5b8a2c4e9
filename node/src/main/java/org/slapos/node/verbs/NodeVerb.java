package org.slapos.node.verbs;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.protocol.client.RenewIdentity;
import org.slapos.protocol.client.SlapClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What all verbs of the node share: the configuration, how much is logged, the check for root.
@Command(mixinStandardHelpOptions = true)
public abstract class NodeVerb implements Callable<Integer> {
    /// Exit statuses of `slapos node`.
    public static final int SUCCESS = 0;

    public static final int FAILED = 1;
    public static final int NOT_ROOT = 5;

    @Option(
            names = "--cfg",
            paramLabel = "FILE",
            description = "configuration of the node (default: $SLAPOS_CONFIGURATION, else /etc/opt/slapos/slapos.cfg)")
    private @Nullable Path file;

    @Option(
            names = {"-v", "--verbose"},
            description = "log more")
    private boolean verbose;

    @Option(
            names = {"-q", "--quiet"},
            description = "log warnings and errors only")
    private boolean quiet;

    @Option(
            names = {"--log-file", "--logfile", "--log_file"},
            paramLabel = "FILE",
            description = "also write the log there, with more detail")
    private @Nullable Path logFile;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "a key of slapos.cfg, for this call; may be given several times")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Override
    public final Integer call() {
        Log.configure(verbose ? Level.DEBUG : quiet ? Level.WARN : Level.INFO, Optional.ofNullable(logFile));
        return run();
    }

    /// Does it; returns the exit status.
    protected abstract int run();

    /// The configuration file named on the command line, in the environment, or by default.
    protected final Path configurationFile() {
        return Optional.ofNullable(file)
                .or(() -> Optional.ofNullable(System.getenv("SLAPOS_CONFIGURATION"))
                        .map(Path::of))
                .orElse(ConfigurationReader.DEFAULT_FILE);
    }

    /// Keys of `slapos.cfg` given on the command line.
    protected final Map<String, String> settings() {
        return settings;
    }

    /// The configuration with what the command line says.
    ///
    /// @throws NotRootException unless this is root, or the configuration is one of single-user mode
    protected final NodeConfiguration configuration() {
        var configuration = ConfigurationReader.read(configurationFile(), settings);
        requireRoot(configuration.rootCheck());
        configuration.masterSettings().identity().ifPresent(NodeVerb::finishRenewal);
        return configuration;
    }

    private static void finishRenewal(SlapClient.Identity identity) {
        try {
            new RenewIdentity(identity).finish();
        } catch (IOException e) {
            throw new HostException("a renewed certificate cannot take the place of the old one: " + e, e);
        }
    }

    protected static void requireRoot(boolean check) {
        if (check && !new LinuxHost(UndoList.none()).isRoot()) {
            throw new NotRootException();
        }
    }

    protected static UndoList undoList(NodeConfiguration configuration) {
        return configuration.undoList().map(UndoList::at).orElseGet(UndoList::none);
    }

    /// This machine; what is made on it is written to the configuration's undo list.
    protected static Host host(NodeConfiguration configuration) {
        return new LinuxHost(undoList(configuration));
    }
}
