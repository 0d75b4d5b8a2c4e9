package org.slapos.protocol;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/// What a Computer says was used (SLAP protocol, TioXML): one transaction of a journal, with a movement for each
/// measure.
///
/// @param reference names the report: the same reference again is the same report
/// @param start     and `stop`: `YYYY-MM-DD HH:MM:SS`, UTC
public record UsageReport(String title, String start, String stop, String reference, List<Movement> movements) {
    private static final int MAX_BYTES = 8 * 1024 * 1024;
    private static final int MAX_MOVEMENTS = 100_000;

    public UsageReport {
        movements = List.copyOf(movements);
    }

    /// @param resource  `service_module/cpu_load_percent`, `service_module/memory_used` (MiB),
    /// `service_module/disk_used` (MiB)
    /// @param reference the partition's user, or the Computer
    public record Movement(String resource, String title, String reference, double quantity) {}

    public byte[] write() {
        var out = new StringBuilder("<?xml version='1.0' encoding='utf-8'?>\n<journal>\n");
        out.append("  <transaction type=\"Sale Packing List\">\n");
        element(out, 4, "title", title);
        element(out, 4, "start_date", start);
        element(out, 4, "stop_date", stop);
        element(out, 4, "reference", reference);
        element(out, 4, "currency", "");
        element(out, 4, "payment_mode", "");
        element(out, 4, "category", "");
        out.append("    <arrow type=\"Destination\"/>\n");
        for (var movement : movements) {
            out.append("    <movement>\n");
            element(out, 6, "resource", movement.resource());
            element(out, 6, "title", movement.title());
            element(out, 6, "reference", movement.reference());
            element(out, 6, "quantity", Double.toString(movement.quantity()));
            element(out, 6, "price", "0.0");
            element(out, 6, "VAT", "");
            element(out, 6, "category", "");
            out.append("    </movement>\n");
        }
        return out.append("  </transaction>\n</journal>\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    /// Reads a journal and checks the order of its elements. Of several transactions the first counts, as in the
    /// reference.
    ///
    /// @throws MalformedException when it does not match the schema or passes a limit
    public static UsageReport read(byte[] document) {
        if (document.length > MAX_BYTES) {
            throw new MalformedException("usage report longer than " + MAX_BYTES + " bytes");
        }
        try {
            var xml = HardenedXml.open(new ByteArrayInputStream(document));
            expectStart(xml, "journal");
            UsageReport first = null;
            while (HardenedXml.nextTag(xml) == XMLStreamConstants.START_ELEMENT) {
                var next = transaction(xml);
                first = first == null ? next : first;
            }
            if (first == null) {
                throw new MalformedException("a journal holds at least one transaction");
            }
            HardenedXml.nextTag(xml);
            return first;
        } catch (XMLStreamException e) {
            throw new MalformedException("not well-formed XML: " + e.getMessage(), e);
        }
    }

    private static UsageReport transaction(XMLStreamReader xml) throws XMLStreamException {
        requireName(xml, "transaction");
        requireType(xml);
        var fields = new Fields(xml);
        var title = fields.optional("title");
        var start = fields.required("start_date");
        var stop = fields.required("stop_date");
        var reference = fields.required("reference");
        fields.required("currency");
        fields.required("payment_mode");
        fields.skipAll("category");
        int arrows = 0;
        while (fields.at("arrow")) {
            requireType(xml);
            while (HardenedXml.nextTag(xml) == XMLStreamConstants.START_ELEMENT) {
                HardenedXml.textOf(xml);
            }
            fields.next();
            arrows++;
        }
        var movements = new ArrayList<Movement>();
        while (fields.at("movement")) {
            movements.add(movement(xml));
            if (movements.size() > MAX_MOVEMENTS) {
                throw new MalformedException("more than " + MAX_MOVEMENTS + " movements");
            }
            fields.next();
        }
        fields.end("transaction");
        if (arrows == 0 || movements.isEmpty()) {
            throw new MalformedException("a transaction holds at least one arrow and one movement");
        }
        return new UsageReport(title, start, stop, reference, movements);
    }

    private static Movement movement(XMLStreamReader xml) throws XMLStreamException {
        var fields = new Fields(xml);
        var resource = fields.required("resource");
        var title = fields.optional("title");
        var reference = fields.optional("reference");
        double quantity = number("quantity", fields.required("quantity"));
        number("price", fields.required("price"));
        fields.required("VAT");
        fields.skipAll("category");
        fields.end("movement");
        return new Movement(resource, title, reference, quantity);
    }

    private static double number(String what, String text) {
        if (!text.strip().matches("[-+]?(\\d{1,30}(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d{1,3})?")) {
            throw new MalformedException(what + " is not a number: '" + text + "'");
        }
        return Double.parseDouble(text.strip());
    }

    private static void requireType(XMLStreamReader xml) {
        if (xml.getAttributeValue(null, "type") == null) {
            throw new MalformedException(
                    "'" + xml.getLocalName() + "' needs an attribute 'type', at " + HardenedXml.where(xml));
        }
    }

    private static void expectStart(XMLStreamReader xml, String name) throws XMLStreamException {
        if (HardenedXml.nextTag(xml) != XMLStreamConstants.START_ELEMENT) {
            throw new MalformedException("'" + name + "' is expected");
        }
        requireName(xml, name);
    }

    private static void requireName(XMLStreamReader xml, String name) {
        if (!xml.getLocalName().equals(name)) {
            throw new MalformedException(
                    "'" + name + "' is expected, found '" + xml.getLocalName() + "', at " + HardenedXml.where(xml));
        }
    }

    private static void element(StringBuilder out, int indent, String name, String text) {
        out.repeat(' ', indent).append('<').append(name);
        if (text.isEmpty()) {
            out.append("/>\n");
        } else {
            out.append('>')
                    .append(XmlText.element(text))
                    .append("</")
                    .append(name)
                    .append(">\n");
        }
    }

    /// Walks over children that must stand in a fixed order.
    private static final class Fields {
        private final XMLStreamReader xml;
        private int event;

        Fields(XMLStreamReader xml) throws XMLStreamException {
            this.xml = xml;
            next();
        }

        void next() throws XMLStreamException {
            event = HardenedXml.nextTag(xml);
        }

        boolean at(String name) {
            return event == XMLStreamConstants.START_ELEMENT
                    && xml.getLocalName().equals(name);
        }

        String required(String name) throws XMLStreamException {
            if (!at(name)) {
                throw new MalformedException("'" + name + "' is expected, at " + HardenedXml.where(xml));
            }
            return optional(name);
        }

        String optional(String name) throws XMLStreamException {
            if (!at(name)) {
                return "";
            }
            var text = HardenedXml.textOf(xml);
            next();
            return text;
        }

        void skipAll(String name) throws XMLStreamException {
            while (at(name)) {
                required(name);
            }
        }

        void end(String name) {
            if (event != XMLStreamConstants.END_ELEMENT) {
                throw new MalformedException(
                        "'" + xml.getLocalName() + "' is not expected in '" + name + "', at " + HardenedXml.where(xml));
            }
        }
    }
}
