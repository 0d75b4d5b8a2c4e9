package org.slapos.cli.verbs;

/// Text that came over the wire, as it may be shown: it may hold sequences that a terminal would obey.
final class Visible {
    private Visible() {}

    /// On one line.
    static String line(String text) {
        return clean(text.strip(), false);
    }

    /// With its line ends.
    static String lines(String text) {
        return clean(text, true);
    }

    private static String clean(String text, boolean keepLines) {
        int at = 0;
        while (at < text.length() && text.charAt(at) >= ' ' && !Character.isISOControl(text.charAt(at))) {
            at++;
        }
        if (at == text.length()) {
            return text;
        }
        var clean = new StringBuilder(text.length());
        text.lines().forEach(line -> {
            if (!clean.isEmpty()) {
                clean.append(keepLines ? "\n" : " / ");
            }
            var shown = keepLines ? line : line.strip();
            shown.chars()
                    .map(c -> Character.isISOControl(c) && c != '\t' ? '?' : c)
                    .forEach(c -> clean.append((char) c));
        });
        return clean.toString();
    }
}
