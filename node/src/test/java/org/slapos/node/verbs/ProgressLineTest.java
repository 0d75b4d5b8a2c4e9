package org.slapos.node.verbs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    @Test
    void aLineTakesThePlaceOfTheLastAndItsControlCharactersDoNothing() {
        var bytes = new ByteArrayOutputStream();
        var line = new ProgressLine(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        line.accept("checking\u001b[2J " + "x".repeat(200));
        line.accept("too soon to be seen");
        line.accept("");
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .isEqualTo("\r\u001b[Kchecking [2J " + "x".repeat(66) + "\r\u001b[K");
    }
}
