package org.slapos.cli.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slapos.cli.verbs.CommandFailure;
import org.slapos.cli.verbs.Progress;

/// Does one step after the other: a line for each with its time, and on a terminal a running indicator meanwhile.
final class Steps {
    private static final String WHEEL = "|/-\\";
    private static final int TITLE_WIDTH = 62;

    private final PrintWriter out;
    private final int total;
    private final boolean terminal = Progress.isTerminal(1);
    private int number;
    private volatile String detail = "";

    /// What a step does.
    interface Work {
        /// @return what is worth saying of it, or nothing
        String run() throws IOException;
    }

    Steps(PrintWriter out, int total) {
        this.out = out;
        this.total = total;
    }

    /// Says how far the running step is; any thread may call.
    void detail(String text) {
        detail = text;
    }

    /// @throws CommandFailure when the step fails, with its title before the reason
    void step(String title, Work work) throws IOException {
        number++;
        detail = "";
        long begin = System.nanoTime();
        try (var _ = indicator(title, begin)) {
            var said = Optional.of(work.run()).filter(text -> !text.isEmpty());
            finish(title + said.map(text -> ": " + text).orElse(""), begin);
        } catch (CommandFailure | IOException e) {
            finish(title + ": FAILED", begin);
            throw e;
        }
    }

    /// Rewrites the line of a step ten times a second until it is closed.
    private Indicator indicator(String title, long begin) {
        if (!terminal) {
            return () -> {};
        }
        var timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().factory());
        var _ = timer.scheduleAtFixedRate(
                () -> {
                    long millis = millisSince(begin);
                    var line = number(title) + " " + WHEEL.charAt((int) (millis / 100 % WHEEL.length())) + " "
                            + millis / 1000 + " s " + detail.replaceAll("\\p{Cntrl}", " ");
                    out.print("\r\u001b[K" + line.substring(0, Math.min(line.length(), 118)));
                    out.flush();
                },
                0,
                100,
                TimeUnit.MILLISECONDS);
        return () -> {
            timer.shutdownNow();
            timer.close();
        };
    }

    private interface Indicator extends AutoCloseable {
        @Override
        void close();
    }

    private void finish(String text, long begin) {
        var line =
                String.format(Locale.ROOT, "%-" + TITLE_WIDTH + "s %6.1f s", number(text), millisSince(begin) / 1000.0);
        out.println((terminal ? "\r\u001b[K" : "") + line);
        out.flush();
    }

    private String number(String text) {
        return String.format(Locale.ROOT, "%2d/%d  %s", number, total, text);
    }

    static long millisSince(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin).toMillis();
    }
}
