package org.slapos.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// Measures, prints one table, and keeps the figures as JSON in a file named after the instant.
///
/// Run as `Bench HOME RESULTS`: the assembled programs, and the folder for the JSON. Takes about eight minutes; with a
/// third argument, `requests`, `waiting`, `identity` or `format`, only the requests, those that wait, the certificates
/// and handshakes, or format are measured.
public final class Bench {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Bench() {}

    static void main(String[] args) throws IOException, InterruptedException, SQLException {
        var figures = new ArrayList<Figure>();
        var only = args.length < 3 ? "" : args[2];
        if (only.equals("identity")) {
            try (var installed = Installed.copy(Path.of(args[0]));
                    var cloud = Cloud.start(installed)) {
                figures.addAll(Certificates.measure(cloud));
                figures.addAll(Handshakes.measure(installed, cloud));
            }
        }
        if (only.equals("format")) {
            try (var installed = Installed.copy(Path.of(args[0]))) {
                figures.addAll(FormatTime.measure(Path.of(args[0]), installed.log("format")));
            }
        }
        if (only.isEmpty()) {
            try (var installed = Installed.copy(Path.of(args[0]));
                    var cloud = Cloud.start(installed)) {
                figures.addAll(Polls.measure(installed, cloud));
                figures.addAll(Certificates.measure(cloud));
                figures.addAll(Handshakes.measure(installed, cloud));
                figures.addAll(CommandStart.measure(installed, cloud));
                figures.addAll(IdleAgent.measure(installed, cloud));
                figures.addAll(FormatTime.measure(Path.of(args[0]), installed.log("format")));
            }
        }
        if (only.isEmpty() || only.equals("requests")) {
            try (var installed = Installed.copy(Path.of(args[0]))) {
                for (int computers : new int[] {1000, 10_000}) {
                    figures.addAll(Requests.measure(installed, computers));
                }
            }
        }
        if (only.isEmpty() || only.equals("waiting")) {
            try (var installed = Installed.copy(Path.of(args[0]))) {
                figures.addAll(Waiting.measure(installed));
            }
        }
        System.out.print(Figure.table(figures));
        System.out.println("kept in " + keep(figures, Path.of(args[1])));
    }

    private static Path keep(List<Figure> figures, Path folder) throws IOException {
        var now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        var result = JSON.createObjectNode();
        result.put("date", now.toString());
        result.put("jdk", Runtime.version().toString());
        result.put("processors", Runtime.getRuntime().availableProcessors());
        var rows = result.putArray("figures");
        figures.forEach(figure -> rows.add(row(figure)));
        Files.createDirectories(folder);
        var file = folder.resolve(now.toString().replace(":", "") + ".json");
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(result) + "\n");
        return file;
    }

    private static ObjectNode row(Figure figure) {
        var row = JSON.createObjectNode();
        row.put("metric", figure.metric());
        row.put("ours", rounded(figure.ours()));
        row.put("baseline", rounded(figure.baseline()));
        if (!Double.isNaN(figure.ratio())) {
            row.put("ratio", rounded(figure.ratio()));
        }
        return row;
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
