package org.slapos.protocol;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/// Why something is refused or not ready, in a header that old clients do not know and so ignore.
/// Text is UTF-8; what is not visible ASCII, and the percent sign, is percent-encoded.
public final class Reason {
    public static final String HEADER = "SlapOS-Reason";
    private static final int MAX_LENGTH = 2000;

    private Reason() {}

    /// Cut after a whole character when the header would be longer than servers and clients take.
    public static String encode(String reason) {
        var out = new StringBuilder();
        for (int i = 0; i < reason.length(); i += Character.charCount(reason.codePointAt(i))) {
            var next = encode(reason.codePointAt(i));
            if (out.length() + next.length() > MAX_LENGTH) {
                break;
            }
            out.append(next);
        }
        return out.toString();
    }

    private static String encode(int character) {
        if (character >= ' ' && character < 0x7f && character != '%') {
            return Character.toString(character);
        }
        var out = new StringBuilder();
        for (byte b : Character.toString(character).getBytes(StandardCharsets.UTF_8)) {
            out.append('%').append(String.format("%02X", b));
        }
        return out.toString();
    }

    public static String decode(String header) {
        try {
            return URLDecoder.decode(header.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            return header;
        }
    }
}
