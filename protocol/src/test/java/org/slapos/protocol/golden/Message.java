package org.slapos.protocol.golden;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// One HTTP message. Each character stands for one byte.
///
/// @param line    the request line or the status line
/// @param headers names in lower case
public record Message(String line, Map<String, String> headers, String body) {
    /// Reads a message, its body as long as it says: to the end of the stream when it is an answer that does not.
    static Message read(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the connection ended within the head: '" + head + "'");
            }
            head.append((char) next);
        }
        var parsed = ofHead(head.toString().replace("\r\n", "\n").strip());
        var length = parsed.headers.get("content-length");
        var body = length != null
                ? in.readNBytes(Integer.parseInt(length))
                : parsed.isRequest() ? new byte[0] : in.readAllBytes();
        return new Message(parsed.line, parsed.headers, new String(body, StandardCharsets.ISO_8859_1));
    }

    static Message ofHead(String head) {
        var lines = head.split("\n", -1);
        var headers = new TreeMap<String, String>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon < 0) {
                throw new IllegalArgumentException("no header: '" + lines[i] + "'");
            }
            headers.put(
                    lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                    lines[i].substring(colon + 1).strip());
        }
        return new Message(lines[0], headers, "");
    }

    Message with(String header, String value) {
        var more = new TreeMap<>(headers);
        more.putIfAbsent(header, value);
        return new Message(line, more, body);
    }

    /// With its length said, and its blanks filled in.
    byte[] bytes(Map<String, String> blanks) {
        var filled = filledBody(blanks).getBytes(StandardCharsets.ISO_8859_1);
        var out = new StringBuilder(Blanks.fill(line, blanks)).append("\r\n");
        headers.forEach((name, value) ->
                out.append(name).append(": ").append(Blanks.fill(value, blanks)).append("\r\n"));
        boolean lengthIsSaid = isRequest() ? filled.length > 0 : status() != 304;
        if (lengthIsSaid) {
            out.append("content-length: ").append(filled.length).append("\r\n");
        }
        var all = new ByteArrayOutputStream();
        all.writeBytes(out.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        all.writeBytes(filled);
        return all.toByteArray();
    }

    /// The body as a text, its blanks filled with samples.
    public String text() {
        return new String(filledBody(Map.of()).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    String filledBody(Map<String, String> blanks) {
        var body = Blanks.fill(this.body, blanks);
        return isJson() ? body.replace("\n", "\\n") : body;
    }

    private boolean isRequest() {
        return !line.startsWith("HTTP/");
    }

    /// Of an answer.
    public int status() {
        return Integer.parseInt(line.split(" ", -1)[1]);
    }

    boolean isJson() {
        return headers.getOrDefault("content-type", "").contains("json");
    }
}
