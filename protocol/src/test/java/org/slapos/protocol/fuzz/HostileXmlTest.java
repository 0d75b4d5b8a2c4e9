package org.slapos.protocol.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.InstanceXml;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.UsageReport;
import org.slapos.protocol.marshal.MarshalReader;

/// XML that is meant to hurt is refused at once, by every reader of XML.
class HostileXmlTest {
    private static final Duration AT_ONCE = Duration.ofMillis(250);
    private static final long MEGABYTE = 1L << 20;

    /// How each reader's documents begin and end around a text.
    private record Reader(String open, String close, Consumer<byte[]> read) {}

    private static final Map<String, Reader> READERS = Map.of(
            "marshal",
            new Reader("<marshal><string>", "</string></marshal>", MarshalReader::read),
            "computer configuration",
            new Reader(
                    "<marshal><dictionary id='i2'><string>reference</string><string>",
                    "</string></dictionary></marshal>",
                    bytes -> ComputerConfiguration.of(MarshalReader.read(bytes))),
            "computer information",
            new Reader(
                    "<marshal><object id='i2' module='slapos.slap.slap' class='Computer'><tuple><string>",
                    "</string></tuple><dictionary id='i3'/></object></marshal>",
                    ComputerInformation::read),
            "instance",
            new Reader(
                    "<instance><parameter id='a'>",
                    "</parameter></instance>",
                    bytes -> InstanceXml.read(new String(bytes, UTF_8))),
            "usage report",
            new Reader("<journal><transaction type='a'><title>", "</title></transaction></journal>", UsageReport::read),
            "consumption",
            new Reader(
                    "<consumption><movement><resource>",
                    "</resource></movement></consumption>",
                    UsageReport::readConsumption));

    @Test
    void aReferenceStandsForAllThatIsBehindIt() {
        assertRefused("nested deeper", nestedReferences());
        assertRefused("more than 2000000 values", doubled());
        assertRefused("'reference'", "<marshal><list id='i2'/>" + "<reference id='i2'>".repeat(100_000));
    }

    @Test
    void onlyXmlOfVersionOneIsRead() {
        READERS.forEach((name, reader) -> assertThatThrownBy(() -> reader.read()
                        .accept(("<?xml version='1.1'?>" + reader.open() + "&#11;" + reader.close()).getBytes(UTF_8)))
                .as(name)
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("only 1.0"));
    }

    private static void assertRefused(String words, String document) {
        assertThatThrownBy(() -> MarshalReader.read(document))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(words);
    }

    /// Each list holds the one before, one level deeper.
    private static String nestedReferences() {
        var document = new StringBuilder("<marshal><tuple><list id='i0'/>");
        for (int i = 1; i < 100; i++) {
            document.append("<list id='i")
                    .append(i)
                    .append("'><reference id='i")
                    .append(i - 1)
                    .append("'/></list>");
        }
        return document.append("</tuple></marshal>").toString();
    }

    /// Each list holds the one before a hundred times.
    private static String doubled() {
        var document = new StringBuilder("<marshal><tuple><list id='i0'/>");
        for (int i = 1; i < 20; i++) {
            document.append("<list id='i").append(i).append("'>");
            document.repeat("<reference id='i" + (i - 1) + "'/>", 100).append("</list>");
        }
        return document.append("</tuple></marshal>").toString();
    }

    @TestFactory
    Stream<DynamicTest> everyReaderRefusesIt() {
        return READERS.entrySet().stream()
                .flatMap(reader -> hostile(reader.getValue()).entrySet().stream()
                        .map(document -> DynamicTest.dynamicTest(
                                reader.getKey() + ": " + document.getKey(),
                                () -> assertRefusedAtOnce(
                                        reader.getKey() + ": " + document.getKey(),
                                        reader.getValue(),
                                        document.getValue()))));
    }

    private static Map<String, byte[]> hostile(Reader reader) {
        var documents = new TreeMap<String, byte[]>();
        Consumer<String[]> add = pair -> documents.put(pair[0], pair[1].getBytes(UTF_8));
        add.accept(new String[] {"DTD", "<!DOCTYPE a>" + reader.open + reader.close});
        add.accept(new String[] {"strange character in a DTD", "<!DOCTYPE a [\u0001]>" + reader.open + reader.close});
        add.accept(new String[] {"internal entity", entities("<!ENTITY x 'y'>", reader, "&x;")});
        add.accept(
                new String[] {"external entity", entities("<!ENTITY x SYSTEM 'file:///etc/passwd'>", reader, "&x;")});
        add.accept(
                new String[] {"remote DTD", "<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a'>" + reader.open + reader.close});
        add.accept(
                new String[] {"parameter entity", entities("<!ENTITY % x SYSTEM 'file:///etc/passwd'> %x;", reader, "")
                });
        add.accept(new String[] {"billion laughs", entities(laughs(), reader, "&l9;")});
        add.accept(new String[] {"undeclared entity", reader.open + "&x;" + reader.close});
        add.accept(new String[] {"depth", reader.open + "<tuple>".repeat(100_000)});
        add.accept(new String[] {"depth of roots", "<list id='a'>".repeat(100_000)});
        add.accept(new String[] {"truncated", reader.open + "text"});
        add.accept(new String[] {"two roots", reader.open + reader.close + reader.open + reader.close});
        add.accept(new String[] {"attributes", "<marshal" + attributes() + "/>"});
        add.accept(new String[] {"long name", "<" + "a".repeat(5_000_000) + "/>"});
        add.accept(new String[] {"text of 50 MB", reader.open + "x".repeat(50_000_000) + reader.close});
        add.accept(
                new String[] {"comment of 15 MB", "<!--" + "x".repeat(15_000_000) + "-->" + reader.open + reader.close
                });
        var open = (reader.open + "text").getBytes(ISO_8859_1);
        var broken = Arrays.copyOf(open, open.length + 2);
        broken[open.length] = (byte) 0xc3;
        broken[open.length + 1] = (byte) 0x28;
        documents.put("bytes that are no UTF-8", broken);
        return documents;
    }

    private static String entities(String declarations, Reader reader, String text) {
        return "<!DOCTYPE a [" + declarations + "]>" + reader.open + text + reader.close;
    }

    private static String laughs() {
        var declarations = new StringBuilder("<!ENTITY l0 'ha'>");
        for (int i = 1; i < 10; i++) {
            declarations
                    .append("<!ENTITY l")
                    .append(i)
                    .append(" '")
                    .repeat("&l" + (i - 1) + ";", 10)
                    .append("'>");
        }
        return declarations.toString();
    }

    private static String attributes() {
        var attributes = new StringBuilder();
        for (int i = 0; i < 1_000_000; i++) {
            attributes.append(" a").append(i).append("=''");
        }
        return attributes.toString();
    }

    /// In time of the processor, which other processes do not change.
    private static void assertRefusedAtOnce(String what, Reader reader, byte[] document) {
        long before = Effort.allocatedBytes();
        var start = Effort.processorTime();
        assertThatThrownBy(() -> reader.read.accept(document), what).isInstanceOf(MalformedException.class);
        assertThat(Effort.processorTime().minus(start)).as(what).isLessThan(AT_ONCE);
        assertThat(Effort.allocatedBytes() - before)
                .as("bytes allocated for " + what)
                .isLessThan(32 * MEGABYTE + 8L * document.length);
    }
}
