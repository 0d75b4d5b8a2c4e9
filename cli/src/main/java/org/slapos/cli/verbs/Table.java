package org.slapos.cli.verbs;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// Rows under a header, as wide as their widest entry; without rows, a sentence.
final class Table {
    private final List<String> header;
    private final String whenEmpty;
    private final List<List<String>> rows = new ArrayList<>();
    private final List<Table> next = new ArrayList<>();

    Table(String whenEmpty, String... header) {
        this.whenEmpty = whenEmpty;
        this.header = List.of(header);
    }

    /// @throws IllegalArgumentException when the row has not as many entries as the header
    Table row(String... entries) {
        if (entries.length != header.size()) {
            throw new IllegalArgumentException(entries.length + " entries under " + header.size() + " headings");
        }
        rows.add(List.of(entries).stream().map(Visible::line).toList());
        return this;
    }

    /// One that is printed below, after an empty line.
    Table then(Table table) {
        next.add(table);
        return this;
    }

    void print(PrintWriter out) {
        if (rows.isEmpty()) {
            out.println(whenEmpty);
        } else {
            printRows(out);
        }
        for (var table : next) {
            out.println();
            table.print(out);
        }
    }

    private void printRows(PrintWriter out) {
        var widths = new int[header.size()];
        for (int column = 0; column < widths.length; column++) {
            int at = column;
            widths[column] = Math.max(
                    header.get(at).length(),
                    rows.stream().mapToInt(row -> row.get(at).length()).max().orElse(0));
        }
        if (header.stream().anyMatch(heading -> !heading.isEmpty())) {
            out.println(line(header, widths));
        }
        rows.forEach(row -> out.println(line(row, widths)));
    }

    private static String line(List<String> entries, int[] widths) {
        var line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            var entry = entries.get(column);
            line.append(entry).repeat(' ', widths[column] - entry.length() + 2);
        }
        return line.toString().stripTrailing();
    }
}
