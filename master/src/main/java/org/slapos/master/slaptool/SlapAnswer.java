package org.slapos.master.slaptool;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.http.Answer;
import org.slapos.protocol.Reason;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// How answers look on the wire (SLAP protocol, status codes and response bodies).
final class SlapAnswer {
    /// For what a cache may show for a second, and for a week when this Master does not answer.
    static final String SHORT = "public, max-age=1, stale-if-error=604800";

    static final String STATUS = "max-age=60";
    static final String NOT_KEPT = "private, no-store";

    /// The day has two digits, unlike in the formatter that comes with Java.
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private static final String XML = "text/xml; charset=utf-8";

    private SlapAnswer() {}

    /// A date as HTTP and the status methods have it.
    static String date(Instant instant) {
        return DATE.format(instant);
    }

    static Answer document(byte[] bytes, String caching) {
        return Answer.ok(XML, bytes).with("Cache-Control", caching).with("Vary", "REMOTE_USER");
    }

    static Answer document(Value value, String caching) {
        return document(MarshalWriter.bytes(value), caching);
    }

    /// What a command answers that has nothing to say.
    static Answer done() {
        return text("None");
    }

    static Answer text(String text) {
        return Answer.ok(XML, text);
    }

    /// That text, or the refusal.
    static Answer of(Optional<Problem> problem, String text) {
        return problem.map(SlapAnswer::refused).orElseGet(() -> text(text));
    }

    static Answer refused(Problem problem) {
        int status = switch (problem.kind()) {
            case NOT_FOUND -> 404;
            case FORBIDDEN -> 403;
            case CONFLICT -> 409;
            case INVALID -> 400;
            case BUSY -> 503;
            case LIMITED -> 429;
        };
        var answer = reason(status, problem.message());
        return problem.retryAfterSeconds()
                .map(seconds -> answer.with("Retry-After", seconds))
                .orElse(answer);
    }

    /// Accepted, not ready: ask again.
    static Answer notReady(String reason) {
        return reason(408, reason).with("Cache-Control", "private");
    }

    static Answer reason(int status, String reason) {
        return Answer.text(status, reason).with(Reason.HEADER, Reason.encode(reason));
    }

    /// A refusal that has an empty body by protocol.
    static Answer silent(int status, String reason) {
        return new Answer(
                status,
                Map.of("Content-Type", XML, Reason.HEADER, Reason.encode(reason)),
                "".getBytes(StandardCharsets.UTF_8));
    }
}
