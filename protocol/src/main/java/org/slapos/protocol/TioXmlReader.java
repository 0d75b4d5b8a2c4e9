package org.slapos.protocol;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/// Reads TioXML and refuses what its two schemas refuse: element order, mandatory attributes, numbers.
/// A test holds it against the schemas. Stricter in sizes only.
final class TioXmlReader {
    private static final int MAX_BYTES = 8 * 1024 * 1024;
    private static final int MAX_MOVEMENTS = 100_000;
    private static final int MAX_DIGITS = 1000;
    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\d++(\\.\\d*+)?|\\.\\d++)([eE][-+]?\\d++)?");

    private final XMLStreamReader xml;
    private int event;

    private TioXmlReader(XMLStreamReader xml) {
        this.xml = xml;
    }

    /// The first transaction of a journal; all are checked.
    static UsageReport journal(byte[] document) {
        return read(document, "journal", reader -> {
            UsageReport first = null;
            do {
                var next = reader.transaction();
                first = first == null ? next : first;
            } while (reader.at("transaction"));
            return first;
        });
    }

    static List<UsageReport.Movement> consumption(byte[] document) {
        return read(document, "consumption", TioXmlReader::movements);
    }

    private interface Body<T> {
        T read(TioXmlReader reader) throws XMLStreamException;
    }

    private static <T> T read(byte[] document, String root, Body<T> body) {
        if (document.length > MAX_BYTES) {
            throw new MalformedException("usage report longer than " + MAX_BYTES + " bytes");
        }
        try {
            var reader = new TioXmlReader(HardenedXml.open(new ByteArrayInputStream(document)));
            reader.next();
            reader.enter(root, Set.of());
            var found = body.read(reader);
            reader.leave(root);
            return found;
        } catch (XMLStreamException e) {
            throw new MalformedException("not well-formed XML: " + e.getMessage(), e);
        }
    }

    private UsageReport transaction() throws XMLStreamException {
        enter("transaction", Set.of("type"));
        var title = optional("title");
        var start = required("start_date");
        var stop = required("stop_date");
        var reference = required("reference");
        required("currency");
        required("payment_mode");
        skipAll("category");
        var arrow = arrow();
        while (at("arrow")) {
            arrow();
        }
        var movements = movements();
        leave("transaction");
        return new UsageReport(title, start, stop, reference, arrow, movements);
    }

    private String arrow() throws XMLStreamException {
        var type = at("arrow") ? String.valueOf(xml.getAttributeValue(null, "type")) : "";
        enter("arrow", Set.of("type"));
        optional("source");
        optional("destination");
        leave("arrow");
        return type;
    }

    private List<UsageReport.Movement> movements() throws XMLStreamException {
        var movements = new ArrayList<UsageReport.Movement>();
        do {
            movements.add(movement());
            if (movements.size() > MAX_MOVEMENTS) {
                throw new MalformedException("more than " + MAX_MOVEMENTS + " movements");
            }
        } while (at("movement"));
        return movements;
    }

    private UsageReport.Movement movement() throws XMLStreamException {
        enter("movement", Set.of());
        var resource = required("resource");
        var title = optional("title");
        var reference = optional("reference");
        double quantity = number("quantity");
        double price = number("price");
        var vat = required("VAT");
        skipAll("category");
        leave("movement");
        return new UsageReport.Movement(resource, title, reference, quantity, price, vat);
    }

    /// An xs:float: a decimal number with an exponent, `INF`, `-INF` or `NaN`.
    private double number(String name) throws XMLStreamException {
        var text = required(name).strip();
        return switch (text) {
            case "INF" -> Double.POSITIVE_INFINITY;
            case "-INF" -> Double.NEGATIVE_INFINITY;
            case "NaN" -> Double.NaN;
            default -> {
                if (text.length() > MAX_DIGITS || !NUMBER.matcher(text).matches()) {
                    throw new MalformedException(
                            name + " is not a number: '" + text.substring(0, Math.min(40, text.length())) + "'");
                }
                yield Double.parseDouble(text);
            }
        };
    }

    private void next() throws XMLStreamException {
        event = HardenedXml.nextTag(xml);
    }

    private boolean at(String name) {
        return event == XMLStreamConstants.START_ELEMENT
                && xml.getLocalName().equals(name)
                && (xml.getNamespaceURI() == null || xml.getNamespaceURI().isEmpty());
    }

    /// Steps into an element that must be here, with exactly these attributes.
    private void enter(String name, Set<String> attributes) throws XMLStreamException {
        if (!at(name)) {
            throw new MalformedException("'" + name + "' is expected" + found());
        }
        for (int i = 0; i < xml.getAttributeCount(); i++) {
            if (!attributes.contains(xml.getAttributeLocalName(i))
                    || xml.getAttributePrefix(i).length() > 0) {
                throw new MalformedException(
                        "'" + name + "' has no attribute '" + xml.getAttributeLocalName(i) + "'" + found());
            }
        }
        if (xml.getAttributeCount() < attributes.size()) {
            throw new MalformedException("'" + name + "' needs an attribute " + attributes + found());
        }
        next();
    }

    /// Steps out of the element, of which nothing more may come.
    private void leave(String name) throws XMLStreamException {
        if (event != XMLStreamConstants.END_ELEMENT) {
            throw new MalformedException("'" + name + "' should end here" + found());
        }
        next();
    }

    private String required(String name) throws XMLStreamException {
        if (!at(name)) {
            throw new MalformedException("'" + name + "' is expected" + found());
        }
        return optional(name);
    }

    private String optional(String name) throws XMLStreamException {
        if (!at(name)) {
            return "";
        }
        if (xml.getAttributeCount() > 0) {
            throw new MalformedException("'" + name + "' has no attributes" + found());
        }
        var text = HardenedXml.textOf(xml);
        next();
        return text;
    }

    private void skipAll(String name) throws XMLStreamException {
        while (at(name)) {
            required(name);
        }
    }

    private String found() {
        var what = event == XMLStreamConstants.START_ELEMENT ? ", found '" + xml.getLocalName() + "'" : "";
        return what + ", at " + HardenedXml.where(xml);
    }
}
