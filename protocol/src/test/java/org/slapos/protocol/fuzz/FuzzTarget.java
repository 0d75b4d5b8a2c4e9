package org.slapos.protocol.fuzz;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// What Jazzer calls, in a process of its own, with one input after the other: for one [Parser], or for all, where the
/// first byte of an input says for which.
public final class FuzzTarget {
    /// Names the [Parser]; none = all.
    static final String PARSER = "slapos.fuzz.parser";

    private static final List<Parser> parsers = parsers();

    private FuzzTarget() {}

    private static List<Parser> parsers() {
        var name = System.getProperty(PARSER, "");
        return name.isEmpty() ? List.of(Parser.values()) : List.of(Parser.valueOf(name));
    }

    /// Loads classes first: what they cost is not the input's.
    public static void fuzzerInitialize() throws IOException {
        for (var parser : parsers) {
            parser.warmUp();
        }
    }

    public static void fuzzerTestOneInput(byte[] input) {
        if (parsers.size() == 1) {
            parsers.getFirst().check(input);
        } else if (input.length > 0) {
            parsers.get((input[0] & 0xff) % parsers.size()).check(Arrays.copyOfRange(input, 1, input.length));
        }
    }
}
