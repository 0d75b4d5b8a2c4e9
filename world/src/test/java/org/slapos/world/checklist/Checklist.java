package org.slapos.world.checklist;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// `make node-checklist`, `make master-checklist`: lines, tested, diverged, missing. The lines stand in
/// `docs/checklists`, where each list says how to answer one of its lines. Run from its source, so it needs the JDK
/// alone.
public final class Checklist {
    /// A list of lines, and how tests and divergences name them.
    ///
    /// @param line     groups: the line's name, what makes it a contract, its text
    /// @param contract the second group of a line from which nobody may differ
    /// @param optional the second group of a line that need not be answered
    /// @param tag      before a line's name in the tag of a test
    /// @param diverged groups: what is before the number of a line's name, the first number, and the last one
    private record Book(String name, Pattern line, String contract, String optional, String tag, Pattern diverged) {}

    private static final Book NODE = new Book(
            "node",
            Pattern.compile("- ([A-Z]{2,3}-\\d{2})(\\*?) (.+)"),
            "*",
            "none",
            "checklist:",
            Pattern.compile("\\[([A-Z]{2,3}-)(\\d{2})(?: to (?:[A-Z]{2,3}-)?(\\d{2}))?]"));
    private static final Book MASTER = new Book(
            "master",
            Pattern.compile("\\| ([0-9.]+) \\| (must|should|could) \\| (.+) \\|"),
            "must",
            "could",
            "row:",
            Pattern.compile("\\[row ([0-9.]+\\.)?(\\d+)(?: to (\\d+))?]"));

    private final Book book;
    private final Map<String, Line> lines = new LinkedHashMap<>();
    private final Map<String, List<String>> tested = new TreeMap<>();
    private final Set<String> diverged = new TreeSet<>();
    private final Map<String, String> unproven = new TreeMap<>();
    private final List<String> wrong = new ArrayList<>();

    private record Line(String id, boolean isContract, boolean isOptional, String text) {}

    private Checklist(Book book) {
        this.book = book;
    }

    public static void main(String[] arguments) throws IOException {
        var rest = new ArrayList<>(List.of(arguments));
        boolean all = rest.remove("--all");
        var checkout = Path.of(rest.size() < 2 ? "." : rest.getLast());
        boolean complete = of(checkout, rest.isEmpty() ? "" : rest.getFirst()).print(System.out, all);
        System.exit(complete ? 0 : 1);
    }

    /// @param name `node` or `master`
    static Checklist of(Path checkout, String name) throws IOException {
        return read(checkout, name, TestReports.in(checkout));
    }

    /// What the tags say, as if each test had just passed.
    static Checklist declared(Path checkout, String name) throws IOException {
        return read(checkout, name, TestReports.allPassed());
    }

    private static Checklist read(Path checkout, String name, TestReports reports) throws IOException {
        var book = List.of(NODE, MASTER).stream()
                .filter(known -> known.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("say which checklist: node or master"));
        var checklist = new Checklist(book);
        checklist.readLines(checkout.resolve("docs/checklists/" + book.name() + ".md"));
        checklist.readDivergences(checkout.resolve("docs/divergences.md"));
        checklist.readTests(DeclaredTests.in(checkout, book.tag()), reports);
        return checklist;
    }

    private void readLines(Path file) throws IOException {
        for (var text : Files.readAllLines(file)) {
            var match = book.line().matcher(text);
            if (match.matches()) {
                var id = match.group(1);
                var line = new Line(
                        id,
                        match.group(2).equals(book.contract()),
                        match.group(2).equals(book.optional()),
                        match.group(3));
                if (lines.put(id, line) != null) {
                    wrong.add(id + " stands twice in " + file);
                }
            }
        }
    }

    private void readDivergences(Path file) throws IOException {
        for (var row : Files.readAllLines(file)) {
            if (!row.startsWith("|")) {
                continue;
            }
            var match = book.diverged().matcher(row);
            while (match.find()) {
                int first = Integer.parseInt(match.group(2));
                int last = match.group(3) == null ? first : Integer.parseInt(match.group(3));
                var before = match.group(1) == null ? "" : match.group(1);
                for (int number = first; number <= last; number++) {
                    diverge(before + ("%0" + match.group(2).length() + "d").formatted(number));
                }
            }
        }
    }

    private void diverge(String id) {
        var line = lines.get(id);
        if (line == null) {
            wrong.add("docs/divergences.md names " + id + ", which is no line of the checklist");
        } else if (line.isContract()) {
            wrong.add(id + " is a contract and may not be diverged from: " + line.text());
        } else {
            diverged.add(id);
        }
    }

    private void readTests(List<DeclaredTests.Declared> declared, TestReports reports) {
        for (var test : declared) {
            var endings = reports.of(test.className(), test.method());
            for (var id : test.ids()) {
                if (!lines.containsKey(id)) {
                    wrong.add(test + " is tagged " + id + ", which is no line of the checklist");
                } else if (endings.contains(TestReports.Ending.FAILED)) {
                    unproven.put(id, test + " failed");
                } else if (endings.contains(TestReports.Ending.PASSED)) {
                    tested.computeIfAbsent(id, _ -> new ArrayList<>()).add(test.toString());
                } else {
                    unproven.putIfAbsent(id, test + (endings.isEmpty() ? " did not run" : " was skipped"));
                }
            }
        }
        unproven.forEach((id, why) -> {
            if (why.endsWith(" failed")) {
                tested.remove(id);
            }
        });
        unproven.keySet().removeAll(tested.keySet());
    }

    List<String> missing() {
        return lines.values().stream()
                .filter(line -> !line.isOptional())
                .map(Line::id)
                .filter(id -> !tested.containsKey(id) && !diverged.contains(id))
                .toList();
    }

    List<String> wrong() {
        return List.copyOf(wrong);
    }

    /// @param all also what answers each line
    /// @return whether nothing is missing or wrong
    boolean print(PrintStream out, boolean all) {
        if (all) {
            for (var line : lines.values()) {
                var answer = tested.containsKey(line.id())
                        ? String.join(", ", tested.getOrDefault(line.id(), List.of()))
                        : diverged.contains(line.id()) ? "diverged" : line.isOptional() ? "-" : "MISSING";
                out.println(line.id() + "  " + answer);
            }
        }
        for (var line : lines.values()) {
            var id = line.id();
            if (line.isOptional() || tested.containsKey(id) || diverged.contains(id)) {
                continue;
            }
            var why = unproven.get(id);
            out.println("missing  " + id + "  " + line.text() + (why == null ? "" : "  [" + why + "]"));
        }
        wrong.forEach(text -> out.println("wrong    " + text));
        long onlyDiverged =
                diverged.stream().filter(id -> !tested.containsKey(id)).count();
        out.println("%d lines, %d tested, %d diverged, %d missing"
                .formatted(lines.size(), tested.size(), onlyDiverged, missing().size()));
        return missing().isEmpty() && wrong.isEmpty() && !lines.isEmpty();
    }
}
