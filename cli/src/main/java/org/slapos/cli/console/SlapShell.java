package org.slapos.cli.console;

import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;

/// Java, line by line, in this process: what a line needs of the lines before it is kept. A missing semicolon is added.
final class SlapShell implements AutoCloseable {
    private static final List<String> PROLOGUE = List.of(
            "import java.io.*;",
            "import java.nio.file.*;",
            "import java.time.*;",
            "import java.util.*;",
            "import java.util.stream.*;",
            "import org.slapos.protocol.*;",
            "import org.slapos.protocol.client.*;",
            "import static org.slapos.cli.console.Slap.*;",
            "var slap = org.slapos.cli.console.Slap.client();");

    private final JShell shell;
    private final SourceCodeAnalysis analysis;
    private final PrintWriter err;
    private final PrintStream outBefore;
    private final PrintStream errBefore;
    private String pending = "";

    /// @param arguments the variable `args`
    @SuppressWarnings("SystemOut") // the lines run in this process, and print to what they find there
    SlapShell(PrintWriter out, PrintWriter err, List<String> arguments) {
        this.err = err;
        this.outBefore = System.out;
        this.errBefore = System.err;
        System.setOut(new PrintStream(new Writing(out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new Writing(err), true, StandardCharsets.UTF_8));
        this.shell = JShell.builder()
                .executionEngine("local")
                .out(System.out)
                .err(System.err)
                .build();
        this.analysis = shell.sourceCodeAnalysis();
        for (var entry : System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1)) {
            shell.addToClasspath(entry);
        }
        PROLOGUE.forEach(line -> require(shell.eval(line)));
        var quoted = arguments.stream().map(SlapShell::literal).toList();
        require(shell.eval("String[] args = {" + String.join(", ", quoted) + "};"));
    }

    /// Takes one line. What is not complete yet waits for the next.
    ///
    /// @param isShown whether the value of an expression is printed
    /// @return false when it could not be evaluated
    boolean take(String line, PrintWriter out, boolean isShown) {
        pending = pending.isEmpty() ? line : pending + "\n" + line;
        var found = analysis.analyzeCompletion(pending);
        while (isComplete(found.completeness())) {
            pending = found.remaining();
            if (!evaluate(found.source(), out, isShown)) {
                pending = "";
                return false;
            }
            found = analysis.analyzeCompletion(pending);
        }
        if (found.completeness() == Completeness.EMPTY) {
            pending = "";
        }
        return true;
    }

    /// Takes what still waits: nothing more comes.
    boolean end(PrintWriter out, boolean isShown) {
        var rest = pending;
        pending = "";
        return rest.isBlank() || evaluate(rest, out, isShown);
    }

    /// Whether a line has begun something that it did not end.
    boolean isInTheMiddle() {
        return !pending.isBlank();
    }

    void forget() {
        pending = "";
    }

    /// What may stand at the place, of which the beginning is typed.
    List<String> candidates(String text, int[] anchor) {
        var before = pending.isEmpty() ? "" : pending + "\n";
        var found = analysis.completionSuggestions(before + text, before.length() + text.length(), anchor);
        anchor[0] -= before.length();
        return found.stream()
                .map(SourceCodeAnalysis.Suggestion::continuation)
                .distinct()
                .toList();
    }

    @Override
    public void close() {
        shell.close();
        System.setOut(outBefore);
        System.setErr(errBefore);
    }

    private static boolean isComplete(Completeness completeness) {
        return switch (completeness) {
            case COMPLETE, COMPLETE_WITH_SEMI, UNKNOWN -> true;
            case DEFINITELY_INCOMPLETE, CONSIDERED_INCOMPLETE, EMPTY -> false;
        };
    }

    private boolean evaluate(String source, PrintWriter out, boolean isShown) {
        boolean isGood = true;
        for (var event : shell.eval(source)) {
            // A snippet that another one changes is reported, too.
            if (event.causeSnippet() == null) {
                isGood &= report(event, out, isShown);
            }
        }
        out.flush();
        err.flush();
        return isGood;
    }

    private boolean report(SnippetEvent event, PrintWriter out, boolean isShown) {
        if (event.status() == Snippet.Status.REJECTED) {
            shell.diagnostics(event.snippet()).forEach(problem -> err.println(problem.getMessage(Locale.ROOT)));
            return false;
        }
        if (event.exception() != null) {
            var failure = event.exception();
            var name = failure instanceof EvalException thrown ? thrown.getExceptionClassName() : failure.toString();
            err.println(name + ": " + failure.getMessage());
            return false;
        }
        if (isShown && isExpression(event.snippet()) && event.value() != null) {
            out.println(event.value());
        }
        return true;
    }

    /// Also one whose value is kept under a name of the shell's own.
    private static boolean isExpression(Snippet snippet) {
        return snippet.kind() == Snippet.Kind.EXPRESSION
                || snippet.subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND;
    }

    private void require(List<SnippetEvent> events) {
        for (var event : events) {
            if (event.status() == Snippet.Status.REJECTED || event.exception() != null) {
                throw new IllegalStateException("the console cannot begin: "
                        + shell.diagnostics(event.snippet())
                                .map(problem -> problem.getMessage(Locale.ROOT))
                                .toList());
            }
        }
    }

    private static String literal(String text) {
        var literal = new StringBuilder("\"");
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c >= ' ' && c < 127 && c != '"' && c != '\\') {
                literal.append(c);
            } else {
                literal.append(String.format("\\u%04x", (int) c));
            }
        }
        return literal.append('"').toString();
    }

    /// A stream that ends in a writer.
    private static final class Writing extends OutputStream {
        private final PrintWriter writer;

        Writing(PrintWriter writer) {
            this.writer = writer;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            writer.write(new String(bytes, offset, length, StandardCharsets.UTF_8));
        }

        @Override
        public void flush() {
            writer.flush();
        }
    }
}
