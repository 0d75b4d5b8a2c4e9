package org.slapos.cli.console;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.TerminalBuilder;
import org.slapos.cli.verbs.Session;

/// A person at a terminal: lines with editing, a history that is kept, and completion of Java.
final class TerminalLines {
    private TerminalLines() {}

    /// Until the person ends it, by Ctrl-D.
    static void run(SlapShell shell, Session session) throws IOException {
        // By the system's own stty: no native library is loaded.
        try (var terminal =
                TerminalBuilder.builder().system(true).provider("exec").build()) {
            var parser = new DefaultParser();
            parser.setEscapeChars(null);
            parser.setQuoteChars(null);
            var reader = LineReaderBuilder.builder()
                    .terminal(terminal)
                    .parser(parser)
                    .completer((_, line, candidates) -> complete(shell, line, candidates))
                    .variable(LineReader.HISTORY_FILE, session.home().resolve(".slapos/console-history"))
                    .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                    .build();
            var out = new PrintWriter(terminal.writer(), true);
            out.println("slap is the Master; request, supply, getInformation and product are at hand. Ctrl-D ends.");
            while (true) {
                try {
                    shell.take(reader.readLine(shell.isInTheMiddle() ? "  ... " : "slap> "), out, true);
                } catch (UserInterruptException _) {
                    shell.forget();
                } catch (EndOfFileException _) {
                    shell.end(out, true);
                    return;
                }
            }
        }
    }

    private static void complete(SlapShell shell, ParsedLine line, List<Candidate> candidates) {
        var text = line.line().substring(0, line.cursor());
        var anchor = new int[1];
        var typedBefore = text.substring(
                0, text.length() - line.word().substring(0, line.wordCursor()).length());
        for (var continuation : shell.candidates(text, anchor)) {
            // The reader replaces its whole word, of which Java completes the end.
            if (anchor[0] >= typedBefore.length()) {
                var whole = text.substring(typedBefore.length(), anchor[0]) + continuation;
                candidates.add(new Candidate(whole, continuation, null, null, null, null, false));
            }
        }
    }
}
