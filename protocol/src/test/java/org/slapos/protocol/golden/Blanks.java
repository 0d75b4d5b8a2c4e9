package org.slapos.protocol.golden;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The parts of a conversation that differ each time, written `{{name}}`: what a server may put there, and what our
/// client is given instead.
public final class Blanks {
    private record Blank(String pattern, String sample) {}

    private static final String BASE64 = "[A-Za-z0-9+/=\\n]+";
    private static final String TEMPLATE = "https?://[^\\s\"<]+\\{[^\\s\"<]+";
    private static final Map<String, Blank> KNOWN = Map.ofEntries(
            entry(
                    "certificate",
                    "(?:[^<{}]*\\n)?-----BEGIN CERTIFICATE-----\\n" + BASE64 + "-----END CERTIFICATE-----\\n",
                    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
            entry(
                    "key",
                    "-----BEGIN PRIVATE KEY-----\\n" + BASE64 + "-----END PRIVATE KEY-----\\n",
                    "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"),
            entry("reason", "[^\\n<]*[^\\s<][^\\n<]*", "No such thing."),
            entry("anything", "(?s:.*)", "<html>something</html>"),
            entry("words", "[^\\n<]*", "some words"),
            entry("url", "https?://[^\\s\"<{]+", "http://127.0.0.1:8080/somewhere"),
            entry("template", TEMPLATE, "http://127.0.0.1:8080/somewhere{?query}"),
            entry("searchTemplate", TEMPLATE, "http://127.0.0.1/hateoas/?mode=search{&query,select_list,limit}"),
            entry("traverseTemplate", TEMPLATE, "http://127.0.0.1/hateoas/?mode=traverse{&relative_url,view}"),
            entry("base", "(?:https?://[^/\\s]+)?", ""),
            entry("relativeUrl", "[^\\s\"&<]+", "instance_tree_module/1"),
            entry("etag", "\"[0-9a-zA-Z-]+\"", "\"0123456789abcdef\""),
            entry("token", "[A-Za-z0-9_-]{16,}", "abcdefghijklmnopqrstuvwxyz"),
            entry("instant", "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z", "2031-04-01T08:00:00Z"),
            entry("seconds", "\\d{9,11}\\.\\d{1,9}", "1932796980.25"),
            entry("number", "\\d{1,18}", "7"),
            entry("wholeSeconds", "\\d{9,11}", "1932796980"),
            entry("runId", "[A-Za-z0-9]{32}", "abcdefghijklmnopqrstuvwxyz012345"));

    /// These stand for numbers in JSON too, where the file has them within quotes.
    private static final Pattern NUMBER = Pattern.compile("\"(\\{\\{(?:number|wholeSeconds)}})\"");

    private static final Pattern MARK = Pattern.compile("\\{\\{(\\w+)}}");

    private Blanks() {}

    /// What the blanks of `template` hold in `text`, or nothing when the two differ.
    static Optional<Map<String, String>> match(String template, String text) {
        var pattern = new StringBuilder();
        var mark = MARK.matcher(template);
        int done = 0;
        var names = new TreeMap<Integer, String>();
        while (mark.find()) {
            pattern.append(Pattern.quote(template.substring(done, mark.start())));
            pattern.append('(').append(known(mark.group(1)).pattern()).append(')');
            names.put(names.size() + 1, mark.group(1));
            done = mark.end();
        }
        pattern.append(Pattern.quote(template.substring(done)));
        var matcher = Pattern.compile(pattern.toString()).matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        var found = new TreeMap<String, String>();
        names.forEach((group, name) -> found.put(name, matcher.group(group)));
        return Optional.of(found);
    }

    /// `template` with each blank filled in by its value, or by its sample when there is none.
    static String fill(String template, Map<String, String> values) {
        return MARK.matcher(NUMBER.matcher(template).replaceAll("$1"))
                .replaceAll(mark -> Matcher.quoteReplacement(
                        values.getOrDefault(mark.group(1), known(mark.group(1)).sample())));
    }

    /// What our client is given for a blank.
    public static String sample(String name) {
        return known(name).sample();
    }

    private static Map.Entry<String, Blank> entry(String name, String pattern, String sample) {
        return Map.entry(name, new Blank(pattern, sample));
    }

    private static Blank known(String name) {
        var blank = KNOWN.get(name);
        if (blank == null) {
            throw new IllegalArgumentException("no blank is called {{" + name + "}}: " + KNOWN.keySet());
        }
        return blank;
    }
}
