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

/// `make node-checklist`: lines, tested, diverged, missing. The lines stand in `docs/checklists/node.md`, which says
/// how
/// to answer one. Run from its source, so it needs the JDK alone.
public final class NodeChecklist {
    private static final Pattern LINE = Pattern.compile("- ([A-Z]{2,3}-\\d{2})(\\*?) (.+)");
    private static final Pattern DIVERGED =
            Pattern.compile("\\[([A-Z]{2,3})-(\\d{2})(?: to (?:([A-Z]{2,3})-)?(\\d{2}))?]");

    private final Map<String, Line> lines = new LinkedHashMap<>();
    private final Map<String, List<String>> tested = new TreeMap<>();
    private final Set<String> diverged = new TreeSet<>();
    private final Map<String, String> unproven = new TreeMap<>();
    private final List<String> wrong = new ArrayList<>();

    private record Line(String id, boolean isContract, String text) {}

    private NodeChecklist() {}

    public static void main(String[] arguments) throws IOException {
        var rest = new ArrayList<>(List.of(arguments));
        boolean all = rest.remove("--all");
        var checkout = Path.of(rest.isEmpty() ? "." : rest.getFirst());
        boolean complete = of(checkout).print(System.out, all);
        System.exit(complete ? 0 : 1);
    }

    static NodeChecklist of(Path checkout) throws IOException {
        var checklist = new NodeChecklist();
        checklist.readLines(checkout.resolve("docs/checklists/node.md"));
        checklist.readDivergences(checkout.resolve("docs/divergences.md"));
        checklist.readTests(DeclaredTests.in(checkout), TestReports.in(checkout));
        return checklist;
    }

    private void readLines(Path file) throws IOException {
        for (var text : Files.readAllLines(file)) {
            var match = LINE.matcher(text);
            if (match.matches()) {
                var id = match.group(1);
                var line = new Line(id, !match.group(2).isEmpty(), match.group(3));
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
            var match = DIVERGED.matcher(row);
            while (match.find()) {
                int first = Integer.parseInt(match.group(2));
                int last = match.group(4) == null ? first : Integer.parseInt(match.group(4));
                for (int number = first; number <= last; number++) {
                    diverge("%s-%02d".formatted(match.group(1), number));
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
        return lines.keySet().stream()
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
                        : diverged.contains(line.id()) ? "diverged" : "MISSING";
                out.println(line.id() + "  " + answer);
            }
        }
        for (var line : lines.values()) {
            var id = line.id();
            if (tested.containsKey(id) || diverged.contains(id)) {
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
