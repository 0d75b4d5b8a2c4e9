package org.slapos.protocol;

import java.io.StringReader;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.slapos.protocol.marshal.Value;

/// Instance parameters, conditions and connection parameters as they are stored and shown: an `instance` element
/// with one `parameter` for each name (SLAP protocol, instance parameter XML). A null and an empty value are one.
public final class InstanceXml {
    /// The longest document read.
    public static final int MAX_CHARACTERS = 8 * 1024 * 1024;

    private InstanceXml() {}

    public static String write(Map<String, String> parameters) {
        var out = new StringBuilder("<?xml version='1.0' encoding='utf-8'?>\n");
        if (parameters.isEmpty()) {
            return out.append("<instance/>\n").toString();
        }
        var sorted = new TreeMap<String, String>(Value.BY_CODE_POINT);
        sorted.putAll(parameters);
        out.append("<instance>\n");
        sorted.forEach((name, text) -> {
            out.append("  <parameter id=\"").append(XmlText.attribute(name)).append('"');
            if (text.isEmpty()) {
                out.append("/>\n");
            } else {
                out.append('>').append(XmlText.element(text)).append("</parameter>\n");
            }
        });
        return out.append("</instance>\n").toString();
    }

    /// Reads such a document; an empty text is no parameter. A name given twice joins its values with a
    /// space; other elements than `parameter`, and elements inside one, do not count.
    ///
    /// @throws MalformedException when it is not such a document, or longer than [#MAX_CHARACTERS]
    public static SequencedMap<String, String> read(String document) {
        var parameters = new TreeMap<String, String>(Value.BY_CODE_POINT);
        if (document.isBlank()) {
            return parameters;
        }
        if (document.length() > MAX_CHARACTERS) {
            throw new MalformedException("instance document longer than " + MAX_CHARACTERS + " characters");
        }
        try {
            var xml = HardenedXml.open(new StringReader(document));
            if (HardenedXml.nextTag(xml) != XMLStreamConstants.START_ELEMENT
                    || !xml.getLocalName().equals("instance")) {
                throw new MalformedException("the document must be one 'instance' element");
            }
            while (HardenedXml.nextTag(xml) == XMLStreamConstants.START_ELEMENT) {
                child(xml, parameters);
            }
            HardenedXml.nextTag(xml);
            return parameters;
        } catch (XMLStreamException e) {
            throw new MalformedException("not well-formed XML: " + e.getMessage(), e);
        }
    }

    private static void child(XMLStreamReader xml, Map<String, String> parameters) throws XMLStreamException {
        if (!xml.getLocalName().equals("parameter")) {
            HardenedXml.leadingTextOf(xml);
            return;
        }
        var id = xml.getAttributeValue(null, "id");
        if (id == null) {
            throw new MalformedException("a parameter needs an id, at " + HardenedXml.where(xml));
        }
        parameters.merge(id, HardenedXml.leadingTextOf(xml), InstanceXml::joined);
    }

    private static String joined(String before, String next) {
        return before.isEmpty() || next.isEmpty() ? before + next : before + " " + next;
    }
}
