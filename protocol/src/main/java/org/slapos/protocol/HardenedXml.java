package org.slapos.protocol;

import java.io.InputStream;
import java.io.Reader;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/// Opens XML of unknown origin: no DTD, no entity beyond the five of XML, nothing fetched, and XML 1.0 only:
/// version 1.1 allows control characters that no client of the field can read back. Size is limited by whoever
/// holds the text; depth and count by the reader of each format.
public final class HardenedXml {
    /// The deepest nesting that any of our formats needs, with room to spare.
    public static final int MAX_DEPTH = 64;

    /// The longest text or comment, in characters.
    private static final int MAX_TEXT = 8 * 1024 * 1024;

    private static final XMLInputFactory FACTORY = factory();

    private HardenedXml() {}

    /// @throws MalformedException when it is declared to be of another version than 1.0
    public static XMLStreamReader open(Reader text) throws XMLStreamException {
        return ofVersion1(FACTORY.createXMLStreamReader(text));
    }

    /// As [#open(Reader)] on bytes, whose encoding is read from the XML declaration.
    public static XMLStreamReader open(InputStream bytes) throws XMLStreamException {
        return ofVersion1(FACTORY.createXMLStreamReader(bytes));
    }

    private static XMLStreamReader ofVersion1(XMLStreamReader xml) {
        var version = xml.getVersion();
        if (version != null && !version.equals("1.0")) {
            throw new MalformedException("XML of version " + version + ": only 1.0 is read");
        }
        return xml;
    }

    /// Moves on by one event.
    ///
    /// @throws MalformedException in place of what the JDK's reader throws beside what it declares: for a strange
    /// character in a DOCTYPE it looks for a message that it does not have
    public static int next(XMLStreamReader xml) throws XMLStreamException {
        try {
            return xml.next();
        } catch (RuntimeException e) {
            throw new MalformedException("not well-formed XML, at " + where(xml), e);
        }
    }

    /// Moves on to the next start tag, end tag or end of document.
    ///
    /// @throws MalformedException for a DOCTYPE, an entity reference, or text that is not blank
    public static int nextTag(XMLStreamReader xml) throws XMLStreamException {
        while (xml.hasNext()) {
            int event = next(xml);
            switch (event) {
                case XMLStreamConstants.START_ELEMENT,
                        XMLStreamConstants.END_ELEMENT,
                        XMLStreamConstants.END_DOCUMENT -> {
                    return event;
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
                    if (!xml.isWhiteSpace()) {
                        throw new MalformedException("text where only elements may stand, at " + where(xml));
                    }
                }
                default -> refuseDeclaration(event, xml);
            }
        }
        return XMLStreamConstants.END_DOCUMENT;
    }

    /// The text up to the end tag of the element the reader stands on.
    ///
    /// @throws MalformedException when a child element, a DOCTYPE or an entity reference is met
    public static String textOf(XMLStreamReader xml) throws XMLStreamException {
        var text = new StringBuilder();
        while (true) {
            int event = next(xml);
            switch (event) {
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE ->
                    append(text, xml);
                case XMLStreamConstants.END_ELEMENT -> {
                    return text.toString();
                }
                case XMLStreamConstants.START_ELEMENT ->
                    throw new MalformedException(
                            "element '" + xml.getLocalName() + "' where only text may stand, at " + where(xml));
                default -> refuseDeclaration(event, xml);
            }
        }
    }

    /// The text before the first child of the element the reader stands on, up to whose end tag it then moves.
    ///
    /// @throws MalformedException for a DOCTYPE, an entity reference, or nesting deeper than [#MAX_DEPTH]
    public static String leadingTextOf(XMLStreamReader xml) throws XMLStreamException {
        var text = new StringBuilder();
        boolean isLeading = true;
        int depth = 1;
        while (depth > 0) {
            int event = next(xml);
            switch (event) {
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE -> {
                    if (isLeading) {
                        append(text, xml);
                    }
                }
                case XMLStreamConstants.START_ELEMENT -> {
                    isLeading = false;
                    depth++;
                }
                case XMLStreamConstants.END_ELEMENT -> depth--;
                default -> refuseDeclaration(event, xml);
            }
            if (depth > MAX_DEPTH) {
                throw new MalformedException("nested deeper than " + MAX_DEPTH + ", at " + where(xml));
            }
        }
        return text.toString();
    }

    private static void append(StringBuilder text, XMLStreamReader xml) {
        if (xml.getTextLength() > MAX_TEXT - text.length()) {
            throw new MalformedException("a text of more than " + MAX_TEXT + " characters, at " + where(xml));
        }
        text.append(xml.getTextCharacters(), xml.getTextStart(), xml.getTextLength());
    }

    /// Line and column, for messages.
    public static String where(XMLStreamReader xml) {
        var location = xml.getLocation();
        return "line " + location.getLineNumber() + ", column " + location.getColumnNumber();
    }

    private static void refuseDeclaration(int event, XMLStreamReader xml) {
        if (event == XMLStreamConstants.COMMENT && xml.getTextLength() > MAX_TEXT) {
            throw new MalformedException("a comment of more than " + MAX_TEXT + " characters, at " + where(xml));
        }
        if (event == XMLStreamConstants.DTD || event == XMLStreamConstants.ENTITY_REFERENCE) {
            throw new MalformedException("DOCTYPE and entities are refused, at " + where(xml));
        }
    }

    private static XMLInputFactory factory() {
        var factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, false);
        return factory;
    }
}
