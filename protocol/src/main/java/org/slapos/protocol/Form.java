package org.slapos.protocol;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Fields of an `application/x-www-form-urlencoded` body or of a query string. Of a name given twice the first counts.
///
/// On the wire a null field is the word `None`; here it is absent.
public record Form(Map<String, String> fields) {
    private static final int MAX_FIELDS = 1000;

    public Form {
        fields = Map.copyOf(fields);
    }

    /// @throws MalformedException for a broken percent escape or more than 1000 fields
    public static Form parse(String text) {
        var fields = new LinkedHashMap<String, String>();
        if (text.isEmpty()) {
            return new Form(fields);
        }
        var pairs = text.split("&", MAX_FIELDS + 1);
        if (pairs.length > MAX_FIELDS) {
            throw new MalformedException("more than " + MAX_FIELDS + " form fields");
        }
        for (var pair : pairs) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                var name = decode(equals < 0 ? pair : pair.substring(0, equals));
                fields.putIfAbsent(name, equals < 0 ? "" : decode(pair.substring(equals + 1)));
            }
        }
        return new Form(fields);
    }

    /// As it travels; names in alphabetical order.
    public String encode() {
        return fields.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    /// The field, or nothing when it is missing or the word `None`.
    public Optional<String> get(String name) {
        return Optional.ofNullable(fields.get(name)).filter(text -> !text.equalsIgnoreCase("None"));
    }

    /// @throws MalformedException when there is no such field
    public String required(String name) {
        return get(name).orElseThrow(() -> new MalformedException("missing field '" + name + "'"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new MalformedException("broken percent escape in a form field", e);
        }
    }
}
