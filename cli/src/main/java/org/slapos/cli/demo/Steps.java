package org.slapos.cli.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slapos.cli.verbs.Session;

/// Does one step after the other: a line for each with its time, and on a terminal a running indicator meanwhile.
final class Steps {
    private static final String WHEEL = "|/-\\";

    private final PrintWriter out;
    private final int total;
    private final boolean terminal = Session.isTerminal(1);
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

    /// A failure of the work goes on to the caller, after the line that says which step it was.
    void step(String title, Work work) throws IOException {
        number++;
        detail = "";
        long begin = System.nanoTime();
        String said;
        try (var _ = indicator(title, begin)) {
            said = work.run();
        } catch (RuntimeException | IOException e) {
            finish(title + ": FAILED", begin);
            throw e;
        }
        finish(said.isEmpty() ? title : title + ": " + said, begin);
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
                    var line = number(millis) + " " + WHEEL.charAt((int) (millis / 100 % WHEEL.length())) + " " + title
                            + " " + detail.replaceAll("\\p{Cntrl}", " ");
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
        out.println((terminal ? "\r\u001b[K" : "") + number(millisSince(begin)) + "   " + text);
        out.flush();
    }

    private String number(long millis) {
        return String.format(Locale.ROOT, "%2d/%d %6.1f s", number, total, millis / 1000.0);
    }

    static long millisSince(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin).toMillis();
    }
}
