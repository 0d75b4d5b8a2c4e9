package org.slapos.node.verbs;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/// Shows what comes in one line of a terminal, the next in the place of the last, ten times a second at most. An empty
/// line clears it.
final class ProgressLine implements Consumer<String> {
    private static final Duration PERIOD = Duration.ofMillis(100);
    private static final int WIDTH = 79;
    private static final String CLEAR = "\r\u001b[K";

    private final PrintStream terminal;
    private long nextNanos = System.nanoTime();

    ProgressLine(PrintStream terminal) {
        this.terminal = terminal;
    }

    /// What shows nothing unless somebody looks on.
    static Consumer<String> ofConsole() {
        return Optional.ofNullable(System.console())
                .filter(Console::isTerminal)
                .<Consumer<String>>map(_ -> new ProgressLine(System.out))
                .orElse(_ -> {});
    }

    @Override
    public void accept(String line) {
        long now = System.nanoTime();
        if (!line.isEmpty() && now - nextNanos < 0) {
            return;
        }
        nextNanos = now + PERIOD.toNanos();
        var printable = line.replaceAll("\\p{Cntrl}+", " ");
        terminal.print(CLEAR + printable.substring(0, Math.min(printable.length(), WIDTH)));
        terminal.flush();
    }
}
