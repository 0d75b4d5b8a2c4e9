package org.slapos.bench;

import java.util.List;
import java.util.Locale;

/// One row of the table.
///
/// @param metric   what was measured, with its unit
/// @param ours     what our program did
/// @param baseline what the program beside it did in the same minute
public record Figure(String metric, double ours, double baseline) {

    /// Ours divided by the baseline; NaN when the baseline is nothing.
    public double ratio() {
        return baseline == 0 ? Double.NaN : ours / baseline;
    }

    /// The table as text, with the columns aligned.
    public static String table(List<Figure> figures) {
        var width = figures.stream().mapToInt(it -> it.metric().length()).max().orElse(6);
        var text = new StringBuilder(row(width, "metric", "ours", "baseline", "ratio"));
        for (var figure : figures) {
            var ratio = Double.isNaN(figure.ratio()) ? "-" : String.format(Locale.ROOT, "%.2f", figure.ratio());
            text.append(row(width, figure.metric(), number(figure.ours()), number(figure.baseline()), ratio));
        }
        return text.toString();
    }

    private static String row(int width, String metric, String ours, String baseline, String ratio) {
        return String.format(Locale.ROOT, "%-" + width + "s %12s %12s %8s%n", metric, ours, baseline, ratio);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.2f", value);
    }
}
