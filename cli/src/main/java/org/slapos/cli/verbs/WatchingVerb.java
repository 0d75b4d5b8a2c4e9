package org.slapos.cli.verbs;

import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.slapos.protocol.client.SlapException;
import picocli.CommandLine.Option;

/// A command that shows something, once or, with `--watch`, again and again.
abstract class WatchingVerb extends Verb {
    private static final Duration BETWEEN = Duration.ofSeconds(2);
    /// To the upper left, and everything below it erased.
    private static final String IN_PLACE = "\u001b[H\u001b[2J";

    @Option(names = "--watch", description = "Show it again every 2 seconds, until Ctrl-C.")
    private boolean watch;

    /// @return the exit status, when it is shown once
    abstract int show(Directory directory) throws IOException;

    @Override
    public final int call() throws IOException {
        try (var directory = Directory.open(configuration(), Duration.ofSeconds(60))) {
            return watch ? watch(directory) : show(directory);
        }
    }

    /// Ends by an interrupt only, and then well.
    private int watch(Directory directory) throws IOException {
        // Ctrl-C is how one ends this: no failure.
        var ending = new Thread(() -> Runtime.getRuntime().halt(ExitStatus.OK));
        Runtime.getRuntime().addShutdownHook(ending);
        boolean terminal = session().terminal().test(1);
        try {
            while (true) {
                var now = session().time().now().truncatedTo(ChronoUnit.SECONDS);
                out().println(terminal ? IN_PLACE + now : now.toString());
                try {
                    show(directory);
                } catch (CommandFailure notThere) {
                    out().println(notThere.getMessage());
                } catch (SlapException e) {
                    if (e.kind() != SlapException.Kind.UNREACHABLE && e.kind() != SlapException.Kind.SERVER_ERROR) {
                        throw e;
                    }
                    out().println(e.getMessage());
                }
                out().flush();
                session().time().pause(BETWEEN);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitStatus.OK;
        } finally {
            Runtime.getRuntime().removeShutdownHook(ending);
        }
    }
}
