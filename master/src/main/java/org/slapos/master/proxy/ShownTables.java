package org.slapos.master.proxy;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What proxy mode knows, as tables for people.
final class ShownTables {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ShownTables() {}

    /// @param rows each with as many entries as the header
    record Table(String title, List<String> header, List<List<String>> rows) {
        /// Rows under the header, as wide as their widest entry; an entry of many lines makes a row of many lines.
        String text() {
            var widths = new int[header.size()];
            for (int column = 0; column < widths.length; column++) {
                int at = column;
                widths[column] = Math.max(
                        header.get(at).length(),
                        rows.stream()
                                .flatMap(row -> row.get(at).lines())
                                .mapToInt(String::length)
                                .max()
                                .orElse(0));
            }
            var out = new StringBuilder(title).append('\n');
            lines(out, header, widths);
            lines(
                    out,
                    header.stream().map(heading -> "-".repeat(heading.length())).toList(),
                    widths);
            if (rows.isEmpty()) {
                out.append("(none)\n");
            }
            rows.forEach(row -> lines(out, row, widths));
            return out.append('\n').toString();
        }

        private static void lines(StringBuilder out, List<String> row, int[] widths) {
            var entries = row.stream().map(entry -> entry.lines().toList()).toList();
            int height = Math.max(1, entries.stream().mapToInt(List::size).max().orElse(1));
            for (int i = 0; i < height; i++) {
                var line = new StringBuilder();
                for (int column = 0; column < widths.length; column++) {
                    var lines = entries.get(column);
                    var entry = i < lines.size() ? lines.get(i).replaceAll("\\p{Cntrl}", "?") : "";
                    line.append(entry).repeat(' ', widths[column] - entry.length() + 2);
                }
                out.append(line.toString().stripTrailing()).append('\n');
            }
        }
    }

    static List<Table> overview(Tables tables) {
        return List.of(computers(tables), software(tables), partitions(tables), sharedInstances(tables));
    }

    static Table computers(Tables tables) {
        return new Table(
                "Computers",
                List.of("reference", "address", "netmask"),
                tables.computers.values().stream()
                        .map(computer -> List.of(computer.reference(), computer.address(), computer.netmask()))
                        .toList());
    }

    static Table software(Tables tables) {
        return new Table(
                "Software",
                List.of("computer", "url", "requested state"),
                tables.software.entrySet().stream()
                        .map(e -> List.of(
                                e.getKey().computer(),
                                e.getKey().url(),
                                e.getValue().wire()))
                        .toList());
    }

    static Table partitions(Tables tables) {
        var rows = new ArrayList<List<String>>();
        for (var partition : tables.partitions.values()) {
            var held = partition.held();
            rows.add(List.of(
                    partition.key().computer(),
                    partition.key().partition(),
                    held.isPresent() ? "busy" : "free",
                    held.map(Instance::title).orElse(""),
                    held.map(Instance::requestedBy).orElse(""),
                    held.map(instance -> instance.state().wire()).orElse(""),
                    held.map(Instance::type).orElse(""),
                    held.map(Instance::release).orElse("")));
        }
        return new Table(
                "Partitions",
                List.of("computer", "partition", "state", "instance", "root", "requested", "type", "software"),
                rows);
    }

    static Table sharedInstances(Tables tables) {
        return new Table(
                "Shared instances",
                List.of("computer", "reference", "hosted by", "root"),
                tables.sharedInstances.values().stream()
                        .map(shared ->
                                List.of(shared.computer(), shared.reference(), shared.hostedBy(), shared.askedBy()))
                        .toList());
    }

    /// Parameters and published ones, of plain and of shared instances.
    static Table parameters(Tables tables) {
        var rows = new ArrayList<List<String>>();
        tables.busy().forEach(partition -> {
            var held = partition.held().orElseThrow();
            add(rows, held.title(), "parameter", held.parameters());
            add(rows, held.title(), "published", held.connection());
        });
        tables.sharedInstances.values().forEach(shared -> {
            tables.entry(shared)
                    .map(entry -> entry.values().storedTexts())
                    .ifPresent(parameters -> add(rows, shared.reference(), "parameter", parameters));
            add(rows, shared.reference(), "published", shared.connection());
        });
        return new Table("Parameters", List.of("instance", "kind", "name", "value"), rows);
    }

    private static void add(List<List<String>> rows, String instance, String kind, Map<String, String> parameters) {
        new TreeMap<>(parameters)
                .forEach((name, text) -> rows.add(List.of(instance, kind, name, readable(name, text))));
    }

    /// The `_` parameter is indented when it is JSON, and shown as it is when it is not; keys for SSH are shortened.
    private static String readable(String name, String text) {
        var shown = text;
        if (name.equals("_")) {
            try {
                shown = JSON.readTree(text).toPrettyString();
            } catch (JacksonException _) {
                shown = text;
            }
        }
        return shown.lines()
                .map(line ->
                        line.replaceAll("((?:ssh|ecdsa)-[a-z0-9-]+ [A-Za-z0-9+/]{12})[A-Za-z0-9+/=]{20,}", "$1..."))
                .collect(Collectors.joining("\n"));
    }

    static Table network(Tables tables) {
        var rows = new ArrayList<List<String>>();
        for (var partition : tables.partitions.values()) {
            for (var address : partition.addresses()) {
                rows.add(List.of(
                        partition.key().computer(),
                        partition.key().partition(),
                        address.interfaceName(),
                        address.address(),
                        address.netmask()));
            }
        }
        return new Table("Network", List.of("computer", "partition", "interface", "address", "netmask"), rows);
    }
}
