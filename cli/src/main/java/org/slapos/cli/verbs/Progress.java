package org.slapos.cli.verbs;

import java.io.PrintWriter;
import java.time.Duration;

/// What a command waits for: one line that is rewritten, with the time, on a terminal; else said once for each change.
final class Progress {
    private static final int WIDTH = 110;
    private static final String SPINNER = "|/-\\";

    private final Log log;
    private final PrintWriter err;
    private final boolean terminal;
    private String shown = "";
    private int turn;

    Progress(Log log, PrintWriter err, boolean terminal) {
        this.log = log;
        this.err = err;
        this.terminal = terminal;
    }

    /// @param since for how long it is waited
    void show(String text, Duration since) {
        var line = Visible.line(text);
        if (terminal) {
            turn = (turn + 1) % SPINNER.length();
            var whole = SPINNER.charAt(turn) + " " + since.toSeconds() + " s  " + line;
            err.print("\r\u001b[K" + whole.substring(0, Math.min(WIDTH, whole.length())));
            err.flush();
        } else if (!line.equals(shown)) {
            log.info(line);
        }
        shown = line;
    }

    /// Makes room for what is printed next.
    void end() {
        if (terminal && !shown.isEmpty()) {
            err.print("\r\u001b[K");
            err.flush();
        }
        shown = "";
    }
}
