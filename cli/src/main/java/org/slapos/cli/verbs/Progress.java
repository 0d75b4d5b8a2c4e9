package org.slapos.cli.verbs;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;

/// One line that says how far something is: rewritten on a terminal, else printed only when it changes.
public final class Progress {
    private static final int WIDTH = 110;

    private final PrintWriter out;
    private final boolean terminal;
    private String shown = "";

    public Progress(PrintWriter out) {
        this.out = out;
        this.terminal = isTerminal(2);
    }

    /// Any thread may call.
    public synchronized void show(String text) {
        var line = text.replaceAll("\\p{Cntrl}", " ");
        if (line.equals(shown)) {
            return;
        }
        if (terminal) {
            out.print("\r\u001b[K" + (line.length() > WIDTH ? line.substring(0, WIDTH) : line));
        } else {
            out.println(line);
        }
        out.flush();
        shown = line;
    }

    /// Makes room for what is printed next.
    public synchronized void end() {
        if (terminal && !shown.isEmpty()) {
            out.print("\r\u001b[K");
            out.flush();
        }
        shown = "";
    }

    /// Whether an open file of this process, 1 for standard output, 2 for standard error, is a terminal.
    public static boolean isTerminal(int descriptor) {
        try {
            var target = Path.of("/proc/self/fd/" + descriptor).toRealPath().toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException _) {
            return false;
        }
    }
}
