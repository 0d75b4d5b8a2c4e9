package org.slapos.master.http;

import java.time.Duration;
import java.util.Optional;

/// The cookie of a session: sent back to this host alone, over TLS alone, out of reach of scripts and of other sites
/// (RFC 6265bis, `__Host-` prefix).
public final class SessionCookie {
    static final String NAME = "__Host-slapos";
    private static final String ATTRIBUTES = "; Path=/; Secure; HttpOnly; SameSite=Lax";

    private SessionCookie() {}

    /// Its value, when the caller has one.
    public static Optional<String> of(Call call) {
        for (var pair : call.header("cookie").orElse("").split(";", 100)) {
            var text = pair.strip();
            if (text.startsWith(NAME + "=")) {
                return Optional.of(text.substring(NAME.length() + 1)).filter(value -> !value.isEmpty());
            }
        }
        return Optional.empty();
    }

    /// The same answer, with which a browser keeps the session.
    public static Answer set(Answer answer, String value, Duration life) {
        return answer.with("Set-Cookie", NAME + "=" + value + ATTRIBUTES + "; Max-Age=" + life.toSeconds());
    }

    /// The same answer, with which a browser forgets the session.
    public static Answer clear(Answer answer) {
        return answer.with("Set-Cookie", NAME + "=" + ATTRIBUTES + "; Max-Age=0");
    }
}
