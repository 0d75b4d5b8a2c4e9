package org.slapos.node.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.xml.stream.XMLStreamException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slapos.protocol.MalformedException;

class XmlRpcTest {
    private static final String HEAD = "HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\n";
    private static final String ANSWER = "<?xml version='1.0'?><methodResponse><params><param><value><array><data>"
            + "<value><struct><member><name>name</name><value><string>a &amp; b</string></value></member>"
            + "<member><name>pid</name><value><int>17</int></value></member>"
            + "<member><name>up</name><value><boolean>1</boolean></value></member></struct></value>"
            + "<value>bare</value></data></array></value></param></params></methodResponse>";
    private static final String FAULT = "<methodResponse><fault><value><struct>"
            + "<member><name>faultCode</name><value><int>10</int></value></member>"
            + "<member><name>faultString</name><value><string>BAD_NAME: x</string></value></member>"
            + "</struct></value></fault></methodResponse>";

    @Test
    void anAnswerIsRead() throws XMLStreamException {
        assertThat(XmlRpc.answer("m", HEAD + ANSWER))
                .isEqualTo(List.of(Map.of("name", "a & b", "pid", 17L, "up", true), "bare"));
    }

    @Test
    void aFaultSaysWhat() {
        assertThatThrownBy(() -> XmlRpc.answer("m", HEAD + FAULT))
                .isInstanceOf(SupervisorException.class)
                .hasMessageContaining("BAD_NAME: x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<value><int>seventeen</int></value>",
                "<value><int>99999999999999999999</int></value>",
                "<value><int/></value>",
                "<value><struct><member/></struct></value>",
                "<value><struct><member><name>a</name></member></struct></value>",
                "<value><array/></value>",
                "<value>a<string>b</string></value>",
                "<!DOCTYPE a><value/>",
                "<fault/>",
                "<value"
            })
    void whatIsNoAnswerIsRefused(String body) {
        assertThatThrownBy(() -> XmlRpc.answer("m", HEAD + body))
                .isInstanceOfAny(MalformedException.class, XMLStreamException.class, SupervisorException.class);
    }

    /// Replay one with `-Dslapos.seed=...`.
    @Test
    void anAnswerThatIsBrokenAnywhereIsReadOrRefused() {
        var wanted = Long.getLong("slapos.seed", -1);
        for (long seed = Math.max(wanted, 0); seed < (wanted < 0 ? 20_000 : wanted + 1); seed++) {
            var broken = broken(new Random(seed));
            try {
                XmlRpc.answer("m", broken);
            } catch (MalformedException | XMLStreamException | SupervisorException _) {
                // refused, as it may be
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("seed " + seed + ": " + broken, e);
            }
        }
    }

    /// A good answer with a piece of it gone, doubled, moved, or changed, some times over.
    private static String broken(Random random) {
        var text = new StringBuilder(random.nextInt(4) == 0 ? HEAD + FAULT : HEAD + ANSWER);
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            int from = boundary(text, random);
            int to = Math.min(text.length(), Math.max(from, boundary(text, random)));
            var piece = text.substring(from, to);
            switch (random.nextInt(5)) {
                case 0 -> text.delete(from, to);
                case 1 -> text.insert(from, piece);
                case 2 -> text.insert(boundary(text, random), piece);
                case 3 -> text.insert(from, "<value><array><data>".repeat(random.nextInt(200)));
                default -> text.setCharAt(random.nextInt(text.length()), (char) (' ' + random.nextInt(96)));
            }
            if (text.isEmpty()) {
                text.append(HEAD);
            }
        }
        return new String(text.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    /// Mostly where a tag begins.
    private static int boundary(CharSequence text, Random random) {
        int at = random.nextInt(text.length());
        if (random.nextInt(4) > 0) {
            int tag = text.toString().indexOf('<', at);
            return tag < 0 ? at : tag;
        }
        return at;
    }
}
