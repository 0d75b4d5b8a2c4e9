package org.slapos.node.supervisor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.slapos.protocol.HardenedXml;
import org.slapos.protocol.MalformedException;

/// XML-RPC over HTTP over a Unix socket, as supervisord speaks it. Values: `String`, `Long`, `Boolean`, `List`, `Map`.
final class XmlRpc {
    private static final int MAX_ANSWER = 16 * 1024 * 1024;

    private final Path socket;

    XmlRpc(Path socket) {
        this.socket = socket;
    }

    /// @throws SupervisorException when it answers with a fault, with nonsense, or not before the deadline
    Object call(String method, Duration deadline, Object... parameters) {
        var body = request(method, parameters);
        var head = "POST /RPC2 HTTP/1.0\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: " + body.length
                + "\r\n\r\n";
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            var overdue = Thread.ofVirtual().start(() -> closeAfter(channel, deadline));
            try {
                write(channel, head.getBytes(StandardCharsets.US_ASCII));
                write(channel, body);
                return answer(method, read(channel));
            } finally {
                overdue.interrupt();
            }
        } catch (IOException e) {
            throw new SupervisorException(method + ": no answer from the supervisor at " + socket + ": " + e, e);
        } catch (XMLStreamException | MalformedException e) {
            throw new SupervisorException(method + ": the supervisor answered nonsense: " + e.getMessage(), e);
        }
    }

    private static void closeAfter(SocketChannel channel, Duration deadline) {
        try {
            Thread.sleep(deadline);
            channel.close();
        } catch (InterruptedException | IOException _) {
            // answered in time, or closed already
        }
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /// Everything up to the end of the stream: an HTTP/1.0 answer ends there.
    private static String read(SocketChannel channel) throws IOException {
        var all = new ByteArrayOutputStream();
        var buffer = ByteBuffer.allocate(16 * 1024);
        while (channel.read(buffer) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
            buffer.clear();
            if (all.size() > MAX_ANSWER) {
                throw new IOException("an answer of more than " + MAX_ANSWER + " bytes");
            }
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    static byte[] request(String method, Object... parameters) {
        var xml =
                new StringBuilder("<?xml version=\"1.0\"?><methodCall><methodName>" + method + "</methodName><params>");
        for (var parameter : parameters) {
            xml.append("<param><value>");
            switch (parameter) {
                case Boolean truth ->
                    xml.append("<boolean>").append(truth ? 1 : 0).append("</boolean>");
                case Integer number -> xml.append("<int>").append(number).append("</int>");
                case String text -> xml.append("<string>").append(escaped(text)).append("</string>");
                default -> throw new IllegalArgumentException("no XML-RPC type for " + parameter.getClass());
            }
            xml.append("</value></param>");
        }
        return xml.append("</params></methodCall>").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    static Object answer(String method, String response) throws XMLStreamException {
        int end = response.indexOf("\r\n\r\n");
        var status = response.substring(0, Math.max(0, response.indexOf('\r')));
        if (end < 0 || !status.contains(" 200 ")) {
            throw new MalformedException("HTTP " + status);
        }
        var xml = HardenedXml.open(new StringReader(response.substring(end + 4)));
        while (HardenedXml.nextTag(xml) != XMLStreamConstants.END_DOCUMENT) {
            if (!xml.isStartElement()) {
                continue;
            }
            if (xml.getLocalName().equals("fault")) {
                start(xml, "value");
                var fault = value(xml, 0) instanceof Map<?, ?> map ? map : Map.of();
                int code = fault.get("faultCode") instanceof Long number ? number.intValue() : -1;
                throw new SupervisorException(method + ": the supervisor refused: " + fault.get("faultString"), code);
            }
            if (xml.getLocalName().equals("value")) {
                return value(xml, 0);
            }
        }
        throw new MalformedException("no value");
    }

    /// Reads from behind a `<value>` to its end tag.
    private static Object value(XMLStreamReader xml, int depth) throws XMLStreamException {
        if (depth > HardenedXml.MAX_DEPTH) {
            throw new MalformedException("values nested too deeply");
        }
        var text = new StringBuilder();
        int event;
        while ((event = HardenedXml.next(xml)) == XMLStreamConstants.CHARACTERS) {
            text.append(xml.getText());
        }
        if (event == XMLStreamConstants.END_ELEMENT) {
            return text.toString(); // a string may stand without its tag
        }
        if (event != XMLStreamConstants.START_ELEMENT || !text.toString().isBlank()) {
            throw new MalformedException("not a value, at " + HardenedXml.where(xml));
        }
        var value = switch (xml.getLocalName()) {
            case "string", "nil", "double" -> HardenedXml.textOf(xml);
            case "int", "i4" -> number(HardenedXml.textOf(xml).strip());
            case "boolean" -> HardenedXml.textOf(xml).strip().equals("1");
            case "array" -> array(xml, depth);
            case "struct" -> struct(xml, depth);
            default -> throw new MalformedException("a value of type " + xml.getLocalName());
        };
        end(xml);
        return value;
    }

    private static Long number(String digits) {
        try {
            return Long.valueOf(digits);
        } catch (NumberFormatException e) {
            throw new MalformedException("not a whole number: '" + digits + "'", e);
        }
    }

    private static void start(XMLStreamReader xml, String name) throws XMLStreamException {
        if (HardenedXml.nextTag(xml) != XMLStreamConstants.START_ELEMENT) {
            throw new MalformedException("'" + name + "' is expected, at " + HardenedXml.where(xml));
        }
        require(xml, name);
    }

    private static void require(XMLStreamReader xml, String name) {
        if (!xml.getLocalName().equals(name)) {
            throw new MalformedException(
                    "'" + name + "' is expected, found '" + xml.getLocalName() + "', at " + HardenedXml.where(xml));
        }
    }

    private static void end(XMLStreamReader xml) throws XMLStreamException {
        if (HardenedXml.nextTag(xml) != XMLStreamConstants.END_ELEMENT) {
            throw new MalformedException("more than one is not expected, at " + HardenedXml.where(xml));
        }
    }

    private static List<Object> array(XMLStreamReader xml, int depth) throws XMLStreamException {
        var items = new ArrayList<Object>();
        start(xml, "data");
        while (HardenedXml.nextTag(xml) == XMLStreamConstants.START_ELEMENT) {
            require(xml, "value");
            items.add(value(xml, depth + 1));
        }
        end(xml); // </array>
        return items;
    }

    private static Map<String, Object> struct(XMLStreamReader xml, int depth) throws XMLStreamException {
        var members = new LinkedHashMap<String, Object>();
        while (HardenedXml.nextTag(xml) == XMLStreamConstants.START_ELEMENT) {
            require(xml, "member");
            start(xml, "name");
            var name = HardenedXml.textOf(xml);
            start(xml, "value");
            members.put(name, value(xml, depth + 1));
            end(xml); // </member>
        }
        return members;
    }
}
