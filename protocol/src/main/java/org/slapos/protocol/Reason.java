package org.slapos.protocol;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/// Why something is refused or not ready, in a header that old clients do not know and so ignore.
/// Text is UTF-8; what is not visible ASCII, and the percent sign, is percent-encoded.
public final class Reason {
    public static final String HEADER = "SlapOS-Reason";
    private static final int MAX_LENGTH = 2000;

    private Reason() {}

    public static String encode(String reason) {
        var shortened = reason.length() > MAX_LENGTH ? reason.substring(0, MAX_LENGTH) : reason;
        var out = new StringBuilder();
        for (byte b : shortened.getBytes(StandardCharsets.UTF_8)) {
            if (b >= ' ' && b < 0x7f && b != '%') {
                out.append((char) b);
            } else {
                out.append('%').append(String.format("%02X", b));
            }
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
