package org.slapos.cli.console;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slapos.cli.verbs.ClientConfiguration;
import org.slapos.cli.verbs.ExitStatus;
import org.slapos.cli.verbs.Verb;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos console`: a Java shell, or a Java script, that has a Master at hand.
@Command(
        description = {
            "Opens a Java shell that is connected to the Master, or runs a script in one.",
            "At hand: slap (the client), request(URL, REFERENCE, Map), supply(URL, COMPUTER), getInformation(REFERENCE),",
            "product(\"product.NAME\"), and args: the arguments of a script.",
            "Exit status 1 when a script fails."
        },
        footer = {
            "",
            "Examples:",
            "  slapos console",
            "  slapos console all-blogs.jsh blog1 blog2",
            "  echo 'System.out.println(getInformation(\"blog\"))' | slapos console"
        })
public final class ConsoleVerb extends Verb {
    @Option(names = "-u", paramLabel = "URL", description = "The Master, instead of the configuration's.")
    private @Nullable String master;

    @Option(names = "-k", paramLabel = "FILE", description = "The key of the certificate.")
    private @Nullable String key;

    @Option(names = "-c", paramLabel = "FILE", description = "The certificate.")
    private @Nullable String certificate;

    @SuppressWarnings("UnusedVariable") // understood, for the sake of those who type them
    @Option(
            names = {"-i", "-b", "-p"},
            hidden = true)
    private boolean python;

    @Parameters(index = "0", arity = "0..1", paramLabel = "SCRIPT", description = "A file of Java lines.")
    private @Nullable Path script;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "ARGUMENT", description = "For the script.")
    private List<String> arguments = List.of();

    @Override
    public int call() throws IOException {
        try (var client = settings().connect()) {
            Slap.use(client);
            try (var shell = new SlapShell(out(), err(), arguments)) {
                if (script != null) {
                    return run(shell, Files.readString(expanded(script)).lines().toList());
                }
                if (session().terminal().test(0)) {
                    TerminalLines.run(shell, session());
                    return ExitStatus.OK;
                }
                try (var lines = new BufferedReader(new InputStreamReader(in(), StandardCharsets.UTF_8))) {
                    return run(shell, lines.lines().toList());
                }
            }
        }
    }

    /// Ends at the first line that fails.
    private int run(SlapShell shell, List<String> lines) {
        for (int at = 0; at < lines.size(); at++) {
            // An interpreter may be named in the first line.
            boolean isCode = at > 0 || !lines.get(at).startsWith("#!");
            if (isCode && !shell.take(lines.get(at), out(), false)) {
                log().error((script == null ? "standard input" : script.toString()) + ", line " + (at + 1)
                        + ": this failed");
                return ExitStatus.FAILED;
            }
        }
        return shell.end(out(), false) ? ExitStatus.OK : ExitStatus.FAILED;
    }

    private ClientConfiguration settings() {
        var given = new TreeMap<String, String>();
        if (master != null) {
            given.put("master_url", master);
        }
        if (key != null) {
            given.put("key_file", key);
        }
        if (certificate != null) {
            given.put("cert_file", certificate);
        }
        return ClientConfiguration.readForConsole(configurationFile(), this::expanded, given);
    }
}
