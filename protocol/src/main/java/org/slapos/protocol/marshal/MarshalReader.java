package org.slapos.protocol.marshal;

import java.io.StringReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.HardenedXml;
import org.slapos.protocol.MalformedException;

/// Reads a document of the SLAP XML dialect, as tolerant as the Python reader and within limits.
public final class MarshalReader {
    /// The longest document read: a Computer with 500 partitions of 100 KiB each.
    public static final int MAX_CHARACTERS = 64 * 1024 * 1024;

    private static final int MAX_VALUES = 2_000_000;
    private static final int MAX_DIGITS = 1000;
    private static final Pattern ENTITY = Pattern.compile("&(gt|lt|amp);");

    private final XMLStreamReader xml;
    private final Map<String, Seen> seen = new HashMap<>();
    private int values;
    private int deepest;

    /// A finished container that may be referred to: how many values it stands for, and how many levels.
    private record Seen(Value value, int values, int levels) {}

    private MarshalReader(XMLStreamReader xml) {
        this.xml = xml;
    }

    public static Value read(byte[] document) {
        return read(new String(document, StandardCharsets.UTF_8));
    }

    /// @throws MalformedException when it is not one value inside one `marshal` element, or passes a limit
    public static Value read(String document) {
        if (document.length() > MAX_CHARACTERS) {
            throw new MalformedException("document longer than " + MAX_CHARACTERS + " characters");
        }
        try {
            return new MarshalReader(HardenedXml.open(new StringReader(document))).document();
        } catch (XMLStreamException e) {
            throw new MalformedException("not well-formed XML: " + firstLine(e), e);
        }
    }

    private static String firstLine(XMLStreamException e) {
        var message = String.valueOf(e.getMessage());
        return message.lines().findFirst().orElse("");
    }

    private Value document() throws XMLStreamException {
        if (HardenedXml.nextTag(xml) != XMLStreamConstants.START_ELEMENT
                || !xml.getLocalName().equals("marshal")) {
            throw new MalformedException("the document must be one 'marshal' element");
        }
        var items = children(0);
        if (items.size() != 1) {
            throw new MalformedException("one value is expected inside 'marshal', found " + items.size());
        }
        HardenedXml.nextTag(xml);
        return items.getFirst();
    }

    private List<Value> children(int depth) throws XMLStreamException {
        var items = new ArrayList<Value>();
        while (HardenedXml.nextTag(xml) == XMLStreamConstants.START_ELEMENT) {
            items.add(value(depth + 1));
        }
        return items;
    }

    private Value value(int depth) throws XMLStreamException {
        count(1, depth);
        var tag = xml.getLocalName();
        var id = xml.getAttributeValue(null, "id");
        return switch (tag) {
            case "string", "unicode" -> new Value.Text(unescape(HardenedXml.textOf(xml)));
            case "int", "long" -> new Value.Int(integer(HardenedXml.textOf(xml).strip()));
            case "float" ->
                new Value.Decimal(PythonFloat.parse(HardenedXml.textOf(xml).strip()));
            case "bool" ->
                new Value.Bool(integer(HardenedXml.textOf(xml).strip()).signum() != 0);
            case "none" -> {
                if (!HardenedXml.textOf(xml).isBlank()) {
                    throw new MalformedException("'none' must be empty");
                }
                yield new Value.None();
            }
            case "tuple" -> new Value.Tuple(List.copyOf(children(depth)));
            case "list", "set", "dictionary", "object" -> remember(id, tag, depth);
            case "reference" -> reference(id, depth);
            default -> throw new MalformedException("unknown element '" + tag + "', at " + HardenedXml.where(xml));
        };
    }

    /// What stands behind a reference counts each time: else a short document could hold more than any memory.
    private void count(int more, int depth) {
        if (depth > HardenedXml.MAX_DEPTH) {
            throw new MalformedException("nested deeper than " + HardenedXml.MAX_DEPTH);
        }
        if (more > MAX_VALUES - values) {
            throw new MalformedException("more than " + MAX_VALUES + " values");
        }
        values += more;
        deepest = Math.max(deepest, depth);
    }

    private Value remember(@Nullable String id, String tag, int depth) throws XMLStreamException {
        int before = values;
        int outside = deepest;
        deepest = depth;
        var value = switch (tag) {
            case "dictionary" -> dictionary(children(depth));
            case "object" -> object(depth);
            default -> new Value.Sequence(List.copyOf(children(depth)));
        };
        if (id != null && seen.putIfAbsent(id, new Seen(value, values - before, deepest - depth)) != null) {
            throw new MalformedException("id '" + id + "' is used twice");
        }
        deepest = Math.max(deepest, outside);
        return value;
    }

    private Value reference(@Nullable String id, int depth) throws XMLStreamException {
        var found = id == null ? null : seen.get(id);
        if (found == null) {
            throw new MalformedException("reference to '" + id + "', which is not a finished container before it");
        }
        if (!HardenedXml.textOf(xml).isBlank()) {
            throw new MalformedException("'reference' must be empty");
        }
        count(found.values(), depth + found.levels());
        return found.value();
    }

    private static Value.Dictionary dictionary(List<Value> items) {
        if (items.size() % 2 != 0) {
            throw new MalformedException("a dictionary holds pairs, found " + items.size() + " values");
        }
        var entries = new LinkedHashMap<String, Value>();
        for (int i = 0; i < items.size(); i += 2) {
            if (!(items.get(i) instanceof Value.Text(var key))) {
                throw new MalformedException("the key of a dictionary must be a string");
            }
            entries.put(key, items.get(i + 1));
        }
        return new Value.Dictionary(Collections.unmodifiableMap(entries));
    }

    private Value object(int depth) throws XMLStreamException {
        var module = xml.getAttributeValue(null, "module");
        var type = xml.getAttributeValue(null, "class");
        if (!Value.MODULE.equals(module) || type == null) {
            throw new MalformedException("objects of class '" + type + "' of module '" + module + "' are refused");
        }
        var parts = children(depth);
        if (parts.size() != 2
                || !(parts.get(0) instanceof Value.Tuple(var arguments))
                || !(parts.get(1) instanceof Value.Dictionary attributes)) {
            throw new MalformedException("an object holds a tuple and a dictionary");
        }
        return new Value.SlapObject(type, arguments, attributes);
    }

    /// What stands there instead is not said again: it may be a secret that got lost on the way.
    private static BigInteger integer(String digits) {
        if (digits.isEmpty() || digits.length() > MAX_DIGITS || !digits.matches("[-+]?[0-9]+L?")) {
            throw new MalformedException("an 'int' holds a whole number of at most " + MAX_DIGITS + " digits, not "
                    + digits.length() + " other characters");
        }
        return new BigInteger(digits.endsWith("L") ? digits.substring(0, digits.length() - 1) : digits);
    }

    /// Undoes the dialect's own escaping, `&amp;` last, as its Python reader does.
    private static String unescape(String text) {
        if (text.indexOf('&') < 0) {
            return text;
        }
        return ENTITY.matcher(text).replaceAll(match -> switch (match.group(1)) {
            case "gt" -> ">";
            case "lt" -> "<";
            default -> "&";
        });
    }
}
