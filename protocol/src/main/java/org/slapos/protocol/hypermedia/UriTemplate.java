package org.slapos.protocol.hypermedia;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slapos.protocol.MalformedException;

/// A URI template (RFC 6570) with the expressions that Masters use: `{x}`, `{?x,y}` and `{&x,y}`, each name with a
/// star or without.
public record UriTemplate(String text) {
    private static final Pattern EXPRESSION = Pattern.compile("\\{([^{}]*)\\}");
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final Pattern CONTENT = Pattern.compile("([?&]?)((?:\\w|[.%])+\\*?(?:,(?:\\w|[.%])+\\*?)*)");

    /// Puts the values in; what has no value is left out.
    ///
    /// @throws MalformedException when the template holds another kind of expression
    public String expand(Map<String, List<String>> values) {
        var expanded = EXPRESSION.matcher(text).replaceAll(found -> {
            var content = CONTENT.matcher(found.group(1));
            if (!content.matches()) {
                throw new MalformedException("URI template '" + text + "' holds {" + found.group(1)
                        + "}; only {x}, {?x} and {&x} are understood");
            }
            return Matcher.quoteReplacement(
                    expression(content.group(1), content.group(2).split(",", -1), values));
        });
        if (expanded.contains("{") || expanded.contains("}")) {
            throw new MalformedException("URI template '" + text + "' has a brace too many");
        }
        return expanded;
    }

    private static String expression(String operator, String[] names, Map<String, List<String>> values) {
        var parts = new ArrayList<String>();
        for (var name : names) {
            boolean each = name.endsWith("*");
            var bare = each ? name.substring(0, name.length() - 1) : name;
            var texts = values.getOrDefault(bare, List.of());
            if (!texts.isEmpty()) {
                var prefix = operator.isEmpty() ? "" : bare + "=";
                var separator = each && !operator.isEmpty() ? "&" + prefix : ",";
                parts.add(texts.stream().map(UriTemplate::encode).collect(Collectors.joining(separator, prefix, "")));
            }
        }
        return parts.isEmpty() ? "" : operator + String.join(operator.isEmpty() ? "," : "&", parts);
    }

    /// All but the unreserved characters of RFC 3986 becomes percent escapes of its UTF-8.
    private static String encode(String text) {
        var out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c < 0x80 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0)) {
                out.append(c);
            } else {
                HEX.toHexDigits(out.append('%'), b);
            }
        }
        return out.toString();
    }
}
