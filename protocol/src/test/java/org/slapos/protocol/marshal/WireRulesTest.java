package org.slapos.protocol.marshal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slapos.protocol.MalformedException;

/// The rules of the dialect, one by one.
class WireRulesTest {
    private static final Value NONE = Value.none();

    @ParameterizedTest
    @CsvSource({
        "a &amp;amp; &amp;lt;b&amp;gt;, a & <b>",
        "a &amp; &lt;b&gt;, a & <b>",
        "&amp;amp;lt;, &lt;",
        "&amp;quot;, &quot;",
        "plain, plain"
    })
    void textIsUnescapedTwiceWithAmpersandLast(String wire, String text) {
        assertThat(MarshalReader.read("<marshal><string>" + wire + "</string></marshal>"))
                .isEqualTo(Value.of(text));
        assertThat(MarshalReader.read("<marshal><unicode>" + wire + "</unicode></marshal>"))
                .isEqualTo(Value.of(text));
    }

    @Test
    void emptyKeysAndTextsAreAllowed() {
        var document = "<marshal><dictionary id=\"i2\"><string></string><string></string></dictionary></marshal>";
        assertThat(MarshalWriter.write(new Value.Dictionary(Map.of("", Value.of("")))))
                .isEqualTo(document);
        assertThat(MarshalReader.read(document.replace("<string></string>", "<string/>")))
                .isEqualTo(new Value.Dictionary(Map.of("", Value.of(""))));
    }

    @Test
    void keysAreInTheOrderOfTheirCodePoints() {
        var keys = List.of("", "A", "a", "aa", "é", "\uffee", "𝄞");
        var entries = new java.util.HashMap<String, Value>();
        keys.forEach(key -> entries.put(key, NONE));
        var read = (Value.Dictionary) MarshalReader.read(MarshalWriter.write(new Value.Dictionary(entries)));
        assertThat(List.copyOf(read.entries().keySet())).isEqualTo(keys);
    }

    @Test
    void wholeNumbersAreLongFromTenToTheTwentyFour() {
        for (var number : List.of("999999999999999999999999", "-999999999999999999999999")) {
            assertRound("<int>" + number + "</int>");
        }
        for (var number : List.of("1000000000000000000000000", "-1000000000000000000000000")) {
            assertRound("<long>" + number + "</long>");
        }
        assertThat(read("<long>7L</long>")).isEqualTo(Value.of(7));
    }

    @Test
    void anyNumberButZeroIsTrue() {
        assertThat(read("<bool>-3</bool>")).isEqualTo(new Value.Bool(true));
        assertThat(read("<bool> 0 </bool>")).isEqualTo(new Value.Bool(false));
        assertRound("<bool>1</bool>");
    }

    @Test
    void anObjectIsNumberedBeforeItsAttributesAndATupleNotAtAll() {
        var release = new Value.SlapObject(
                "SoftwareRelease",
                List.of(Value.of("http://x"), Value.of("COMP-1")),
                new Value.Dictionary(Map.of("l", Value.list(List.of()))));
        assertThat(MarshalWriter.write(Value.list(List.of(new Value.Tuple(List.of(release))))))
                .isEqualTo("<marshal><list id=\"i2\"><tuple><object id=\"i3\" module=\"slapos.slap.slap\""
                        + " class=\"SoftwareRelease\"><tuple><string>http://x</string><string>COMP-1</string></tuple>"
                        + "<dictionary id=\"i4\"><string>l</string><list id=\"i5\"/></dictionary></object></tuple>"
                        + "</list></marshal>");
    }

    @Test
    void aReferenceStandsForAnyFinishedContainer() {
        var shared = "<dictionary id='i3'><string>a</string><none/></dictionary>";
        var expected = new Value.Dictionary(Map.of("a", NONE));
        assertThat(read("<list id='i2'>" + shared + "<reference id='i3'/></list>"))
                .isEqualTo(Value.list(List.of(expected, expected)));
        assertThat(read("<list id='i2'><set id='i3'><int>1</int></set><reference id='i3'/></list>"))
                .isEqualTo(Value.list(List.of(Value.list(List.of(Value.of(1))), Value.list(List.of(Value.of(1))))));
    }

    @Test
    void idsMayBeAbsentButNotTwiceTheSame() {
        assertThat(read("<list><list/></list>")).isEqualTo(Value.list(List.of(Value.list(List.of()))));
        assertRefused("<list id='i2'><list id='i2'/></list>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "class='Computer'><tuple/>",
                "class='Computer'><tuple><none/></tuple>",
                "class='ComputerPartition'><tuple><string>c</string><string>p</string></tuple>",
                "class='ComputerPartition'><tuple><string>c</string><none/><none/></tuple>",
                "class='ComputerPartition'><tuple><none/><none/><none/></tuple>",
                "class='ComputerPartition'><tuple><string>c</string><string>p</string><dictionary/></tuple>",
                "class='SoftwareRelease'><tuple><string>u</string></tuple>",
                "class='SoftwareInstance'><tuple><string>u</string></tuple>",
                "class='OpenOrder'><tuple/>",
            })
    void anObjectIsMadeOfWhatItsConstructorTakes(String object) {
        assertRefused("<object id='i2' module='slapos.slap.slap' " + object + "<dictionary id='i3'/></object>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "class='Computer'><tuple><string>c</string></tuple>",
                "class='ComputerPartition'><tuple><string>c</string><string>p</string><none/></tuple>",
                "class='ComputerPartition'><tuple><none/><none/><dictionary/></tuple>",
                "class='SoftwareRelease'><tuple><string>u</string><string>c</string></tuple>",
                "class='SoftwareInstance'><tuple/>",
            })
    void theFourClassesAreRead(String object) {
        assertThat(read("<object id='i2' module='slapos.slap.slap' " + object + "<dictionary id='i3'/></object>"))
                .isInstanceOf(Value.SlapObject.class);
        assertRefused("<object id='i2' module='slapos.slap' " + object + "<dictionary id='i3'/></object>");
        assertRefused("<object id='i2' module='slapos.slap.slap' " + object + "<none/></object>");
    }

    @Test
    void valuesAreShownAsPythonShowsThem() {
        assertThat(new Value.Bool(true).pythonText()).isEqualTo("True");
        assertThat(NONE.pythonText()).isEqualTo("None");
        assertThat(new Value.Decimal(1).pythonText()).isEqualTo("1.0");
        assertThat(new Value.Decimal(1e-7).pythonText()).isEqualTo("1e-07");
        assertThat(Value.of("it's").pythonText()).isEqualTo("it's");
        assertThat(new Value.Dictionary(Map.of("x", Value.list(List.of(Value.of(1), Value.of("it's"), NONE))))
                        .pythonText())
                .isEqualTo("{'x': [1, \"it's\", None]}");
        assertThat(Value.tuple("a").pythonText()).isEqualTo("('a',)");
        assertThat(Value.list(List.of(Value.of("'\"\\\n\u0001é\u200b𝄞"))).pythonText())
                .isEqualTo("['\\'\"\\\\\\n\\x01é\\u200b𝄞']");
    }

    @Test
    void nullsAreEmptyInAnAnswerAndAWordInARequest() {
        var parameters = new Value.Dictionary(Map.of("a", NONE, "b", new Value.Bool(false)));
        assertThat(parameters.texts()).isEqualTo(Map.of("a", "", "b", "False"));
        assertThat(parameters.storedTexts()).isEqualTo(Map.of("a", "None", "b", "False"));
    }

    private static Value read(String value) {
        return MarshalReader.read("<marshal>" + value + "</marshal>");
    }

    private static void assertRound(String value) {
        assertThat(MarshalWriter.write(read(value))).isEqualTo("<marshal>" + value + "</marshal>");
    }

    private static void assertRefused(String value) {
        assertThatThrownBy(() -> read(value)).isInstanceOf(MalformedException.class);
    }
}
