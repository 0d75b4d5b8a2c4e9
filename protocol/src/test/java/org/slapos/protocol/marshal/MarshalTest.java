package org.slapos.protocol.marshal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slapos.protocol.MalformedException;

class MarshalTest {
    @Test
    void aNumberOfMegabytesIsRefusedAtOnce() {
        var document = "<marshal><float>" + "1".repeat(1_000_000) + "x</float></marshal>";
        assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> assertThatThrownBy(() -> MarshalReader.read(document))
                        .isInstanceOf(MalformedException.class)
                        .hasMessageContaining("at most"));
    }

    @Test
    void stringsAreEscapedTwiceAndAscii() {
        assertThat(MarshalWriter.write(Value.of("a & <b> é\r")))
                .isEqualTo("<marshal><string>a &amp;amp; &amp;lt;b&amp;gt; &#233;&#13;</string></marshal>");
    }

    @Test
    void containersAreNumberedInDocumentOrderFromTwo() {
        var value = new Value.Dictionary(Map.of(
                "b",
                Value.list(List.of(Value.tuple("x", "y"))),
                "a",
                new Value.Dictionary(Map.of()),
                "c",
                Value.of(7)));
        assertThat(MarshalWriter.write(value))
                .isEqualTo("<marshal><dictionary id=\"i2\"><string>a</string><dictionary id=\"i3\"/>"
                        + "<string>b</string><list id=\"i4\"><tuple><string>x</string><string>y</string></tuple></list>"
                        + "<string>c</string><int>7</int></dictionary></marshal>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e-07", "1.5", "inf", "nan", "1e+16", "123456.789", "-0.0", "2e-300"})
    void floatsAreWrittenAsPythonWritesThem(String text) {
        var document = "<marshal><float>" + text + "</float></marshal>";
        assertThat(MarshalWriter.write(MarshalReader.read(document))).isEqualTo(document);
    }

    @Test
    void oldTagsReferencesAndWhiteSpaceAreRead() {
        var value = MarshalReader.read("""
                <marshal>
                  <list id="i2"> <list id="i3"><unicode>a &lt; b</unicode> <long> 12 </long></list>
                  <reference id="i3"/> <none/> <string/> </list>
                </marshal>""");
        var inner = Value.list(List.of(Value.of("a < b"), Value.of(12)));
        assertThat(value).isEqualTo(Value.list(List.of(inner, inner, Value.none(), Value.of(""))));
    }

    @Test
    void whatIsWrittenIsReadBackForAnySeed() {
        for (long seed = 0; seed < 500; seed++) {
            var value = anyValue(new Random(seed), 0);
            assertThat(MarshalReader.read(MarshalWriter.write(value)))
                    .as("seed %d", seed)
                    .isEqualTo(value);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<marshal/>",
                "<marshal><string>a</string><string>b</string></marshal>",
                "<marshal><dictionary id='i2'><string>a</string></dictionary></marshal>",
                "<marshal><int>1e9</int></marshal>",
                "<marshal><reference id='i9'/></marshal>",
                "<marshal><list id='i2'><reference id='i2'/></list></marshal>",
                "<marshal><object id='i2' module='os' class='system'><tuple/><dictionary id='i3'/></object></marshal>",
                "<marshal><float>NaN(0x1)</float></marshal>",
                "<!DOCTYPE marshal [<!ENTITY x 'y'>]><marshal><string>&x;</string></marshal>",
                "<!DOCTYPE m SYSTEM 'file:///etc/passwd'><marshal><string/></marshal>"
            })
    void whatIsNotTheDialectIsRefused(String document) {
        assertThatThrownBy(() -> MarshalReader.read(document)).isInstanceOf(MalformedException.class);
    }

    @Test
    void hostileDocumentsAreRefusedQuickly() {
        var deep = "<marshal>" + "<tuple>".repeat(100_000);
        var digits = "<marshal><int>" + "9".repeat(2_000_000) + "</int></marshal>";
        for (var hostile : List.of(deep, digits)) {
            assertThat(Duration.ofSeconds(2)).satisfies(limit -> {
                long start = System.nanoTime();
                assertThatThrownBy(() -> MarshalReader.read(hostile)).isInstanceOf(MalformedException.class);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(limit);
            });
        }
    }

    private static Value anyValue(Random random, int depth) {
        return switch (random.nextInt(depth > 3 ? 5 : 9)) {
            case 0 -> Value.of(anyText(random));
            case 1 -> Value.of(random.nextLong());
            case 2 -> new Value.Decimal(Double.longBitsToDouble(random.nextLong() & 0x7fefffffffffffffL));
            case 3 -> new Value.Bool(random.nextBoolean());
            case 4 -> Value.none();
            case 5 -> new Value.Tuple(anyItems(random, depth));
            case 6 -> Value.list(anyItems(random, depth));
            case 7 -> anyDictionary(random, depth);
            default ->
                new Value.SlapObject("Computer", List.of(Value.of(anyText(random))), anyDictionary(random, depth));
        };
    }

    private static List<Value> anyItems(Random random, int depth) {
        var items = new ArrayList<Value>();
        for (int i = random.nextInt(4); i > 0; i--) {
            items.add(anyValue(random, depth + 1));
        }
        return items;
    }

    private static Value.Dictionary anyDictionary(Random random, int depth) {
        var entries = new LinkedHashMap<String, Value>();
        for (int i = random.nextInt(4); i > 0; i--) {
            entries.put(anyText(random), anyValue(random, depth + 1));
        }
        return new Value.Dictionary(entries);
    }

    private static String anyText(Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.appendCodePoint(
                    switch (random.nextInt(4)) {
                        case 0 -> "&<>;amplgt\"'\n\r\t".codePointAt(random.nextInt(15));
                        case 1 -> 0xa0 + random.nextInt(0x2000);
                        case 2 -> 0x10000 + random.nextInt(0x10000);
                        default -> ' ' + random.nextInt(0x5f);
                    });
        }
        return text.toString();
    }
}
