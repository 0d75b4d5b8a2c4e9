package org.slapos.protocol.client;

import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.slapos.protocol.Reason;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.Value;

/// What came back over HTTP, whole.
final class Answer {
    private final int status;
    private final HttpHeaders headers;
    private final byte[] body;

    Answer(HttpResponse<byte[]> response) {
        this.status = response.statusCode();
        this.headers = response.headers();
        this.body = response.body();
    }

    int status() {
        return status;
    }

    /// A header, or nothing when there is none of that name.
    Optional<String> header(String name) {
        return headers.firstValue(name);
    }

    byte[] body() {
        return body;
    }

    /// The body as text: UTF-8, unless it is declared to be ISO-8859-1. No other charset is used on this wire.
    String text() {
        boolean latin = headers.firstValue("Content-Type")
                .map(type -> type.toLowerCase(Locale.ROOT).replace("\"", ""))
                .filter(type -> type.matches(".*;\\s*charset\\s*=\\s*(iso-8859-1|latin-?1)\\b.*"))
                .isPresent();
        return new String(body, latin ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
    }

    /// The body as a marshalled document.
    Value value() {
        return MarshalReader.read(text());
    }

    /// The body of a success; a [SlapException] for anything else.
    ///
    /// @param method what was asked, for the message
    Answer checked(String method) {
        if (status == 200) {
            return this;
        }
        throw failure(kind(), method, reason());
    }

    SlapException failure(SlapException.Kind kind, String method, String reason) {
        return new SlapException(kind, method + ": " + status + (reason.isEmpty() ? "" : ", " + reason));
    }

    /// What kind of failure the status stands for.
    SlapException.Kind kind() {
        return switch (status) {
            case 404 -> SlapException.Kind.NOT_FOUND;
            case 408 -> SlapException.Kind.NOT_READY;
            case 401, 403 -> SlapException.Kind.FORBIDDEN;
            case 429 -> SlapException.Kind.LIMITED;
            case 503 -> SlapException.Kind.BUSY;
            default -> status >= 500 ? SlapException.Kind.SERVER_ERROR : SlapException.Kind.REFUSED;
        };
    }

    /// The reason of a refusal: our Master's header, else where a redirect leads, else the beginning of the body.
    String reason() {
        return headers.firstValue(Reason.HEADER)
                .map(Reason::decode)
                .or(() -> location().map(target -> "redirects to " + target + ", which is not followed"))
                .orElseGet(() -> {
                    var text = text().strip();
                    return text.length() > 300 ? text.substring(0, 300) + "..." : text;
                });
    }

    /// Where a redirect leads.
    Optional<String> location() {
        return switch (status) {
            case 301, 302, 303, 307, 308 -> headers.firstValue("Location");
            default -> Optional.empty();
        };
    }

    /// How long the Master wants to be left alone, in seconds or as a date that we do not read: nothing.
    Optional<Duration> retryAfter() {
        return headers.firstValue("Retry-After")
                .map(String::strip)
                .filter(text -> text.matches("[0-9]{1,6}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)));
    }
}
