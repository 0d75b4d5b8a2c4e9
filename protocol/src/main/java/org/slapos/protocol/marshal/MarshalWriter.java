package org.slapos.protocol.marshal;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;

/// Writes a [Value] exactly as the Python marshaller does: no declaration, ASCII with decimal character references,
/// no white space, keys in code point order, containers numbered `i2`, `i3`... in document order.
public final class MarshalWriter {
    private static final BigInteger LONG_FROM = BigInteger.TEN.pow(24);

    private final StringBuilder out = new StringBuilder(1024);
    private int counter = 1;

    private MarshalWriter() {}

    public static String write(Value value) {
        var writer = new MarshalWriter();
        writer.out.append("<marshal>");
        writer.value(value);
        return writer.out.append("</marshal>").toString();
    }

    /// As [#write], ready to be sent.
    public static byte[] bytes(Value value) {
        return write(value).getBytes(StandardCharsets.US_ASCII);
    }

    private void value(Value value) {
        switch (value) {
            case Value.Text(var text) -> string(text);
            case Value.Int(var number) ->
                leaf(number.abs().compareTo(LONG_FROM) < 0 ? "int" : "long", number.toString());
            case Value.Decimal(var number) -> leaf("float", PythonFloat.repr(number));
            case Value.Bool(var truth) -> leaf("bool", truth ? "1" : "0");
            case Value.None _ -> out.append("<none/>");
            case Value.Tuple(var items) -> tuple(items);
            case Value.Sequence(var items) -> {
                out.append("<list").append(nextId());
                children(items, "list");
            }
            case Value.Dictionary dictionary -> dictionary(dictionary);
            case Value.SlapObject(var type, var arguments, var attributes) -> {
                out.append("<object").append(nextId());
                out.append(" module=\"").append(Value.MODULE).append("\" class=\"");
                out.append(type).append("\">");
                tuple(arguments);
                dictionary(attributes);
                out.append("</object>");
            }
        }
    }

    private String nextId() {
        counter++;
        return " id=\"i" + counter + "\"";
    }

    private void tuple(List<Value> items) {
        out.append("<tuple");
        children(items, "tuple");
    }

    private void dictionary(Value.Dictionary dictionary) {
        out.append("<dictionary").append(nextId());
        if (dictionary.entries().isEmpty()) {
            out.append("/>");
            return;
        }
        out.append('>');
        var sorted = new TreeMap<String, Value>(Value.BY_CODE_POINT);
        sorted.putAll(dictionary.entries());
        sorted.forEach((key, entry) -> {
            string(key);
            value(entry);
        });
        out.append("</dictionary>");
    }

    /// Closes the start tag that was begun, writes the items and the end tag.
    private void children(List<Value> items, String tag) {
        if (items.isEmpty()) {
            out.append("/>");
            return;
        }
        out.append('>');
        items.forEach(this::value);
        out.append("</").append(tag).append('>');
    }

    private void leaf(String tag, String text) {
        out.append('<')
                .append(tag)
                .append('>')
                .append(text)
                .append("</")
                .append(tag)
                .append('>');
    }

    /// Escapes twice: once for the dialect, once for XML.
    private void string(String text) {
        out.append("<string>");
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            switch (c) {
                case '&' -> out.append("&amp;amp;");
                case '<' -> out.append("&amp;lt;");
                case '>' -> out.append("&amp;gt;");
                default -> character(c);
            }
        }
        out.append("</string>");
    }

    private void character(int c) {
        if (c == '\r' || c > 0x7e) {
            // A carriage return written plainly would be read back as a line feed.
            out.append("&#").append(isXml(c) ? c : 0xfffd).append(';');
        } else if (c < ' ' && c != '\n' && c != '\t') {
            out.append("&#").append(0xfffd).append(';'); // XML 1.0 has no way to write it
        } else {
            out.append((char) c);
        }
    }

    private static boolean isXml(int c) {
        return c < 0xd800 || (c > 0xdfff && c != 0xfffe && c != 0xffff);
    }
}
