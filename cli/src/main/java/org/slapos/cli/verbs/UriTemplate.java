package org.slapos.cli.verbs;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The part of RFC 6570 that Masters use for their searches: `{x}`, `{?x,y}`, `{&x,y}` and lists, `{&x*}`.
final class UriTemplate {
    private UriTemplate() {}

    /// @param values what is not here is left out
    static String expand(String template, Map<String, List<String>> values) {
        var expanded = new StringBuilder();
        int at = 0;
        while (at < template.length()) {
            int begin = template.indexOf('{', at);
            int end = template.indexOf('}', Math.max(begin, 0));
            if (begin < 0 || end < 0) {
                break;
            }
            expanded.append(template, at, begin).append(expression(template.substring(begin + 1, end), values));
            at = end + 1;
        }
        return expanded.append(template, at, template.length()).toString();
    }

    private static String expression(String expression, Map<String, List<String>> values) {
        boolean named = expression.startsWith("?") || expression.startsWith("&");
        var parts = new ArrayList<String>();
        for (var variable : (named ? expression.substring(1) : expression).split(",", -1)) {
            boolean exploded = variable.endsWith("*");
            var name = exploded ? variable.substring(0, variable.length() - 1) : variable;
            var encoded = values.getOrDefault(name, List.of()).stream()
                    .map(UriTemplate::encode)
                    .toList();
            var prefix = named ? name + "=" : "";
            if (exploded) {
                encoded.forEach(value -> parts.add(prefix + value));
            } else if (!encoded.isEmpty()) {
                parts.add(prefix + String.join(",", encoded));
            }
        }
        var joined = String.join(named ? "&" : ",", parts);
        return named && !joined.isEmpty() ? expression.charAt(0) + joined : joined;
    }

    private static String encode(String value) {
        var encoded = new StringBuilder();
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            if ((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || "-._~".indexOf(b) >= 0) {
                encoded.append((char) b);
            } else {
                encoded.append('%')
                        .append(Character.toUpperCase(Character.forDigit((b >> 4) & 15, 16)))
                        .append(Character.toUpperCase(Character.forDigit(b & 15, 16)));
            }
        }
        return encoded.toString();
    }
}
