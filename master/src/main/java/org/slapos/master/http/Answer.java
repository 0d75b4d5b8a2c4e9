package org.slapos.master.http;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a door answers: a status, headers, and the whole body.
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Answer(int status, Map<String, String> headers, byte[] body) {
    private static final byte[] EMPTY = {};

    /// 200 with a body.
    public static Answer ok(String contentType, byte[] body) {
        return new Answer(200, Map.of("Content-Type", contentType), body);
    }

    /// 200 with a text, in UTF-8.
    public static Answer ok(String contentType, String text) {
        return ok(contentType, text.getBytes(StandardCharsets.UTF_8));
    }

    /// Any status with a sentence for the caller.
    public static Answer text(int status, String sentence) {
        return new Answer(
                status,
                Map.of("Content-Type", "text/plain; charset=utf-8"),
                (sentence + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /// 304: what the caller has is current.
    public static Answer notModified(String etag) {
        return new Answer(304, Map.of("ETag", etag), EMPTY);
    }

    /// 404 for a path that no door knows.
    public static Answer notFound(String path) {
        return text(404, "Nothing is at '" + path + "'.");
    }

    /// 405 naming what is allowed, such as `GET, HEAD`.
    public static Answer methodNotAllowed(String allowed) {
        return text(405, "Use " + allowed + " here.").with("Allow", allowed);
    }

    /// The same with another status.
    public Answer with(int otherStatus) {
        return new Answer(otherStatus, headers, body);
    }

    /// The same with one more header, or another value of it.
    public Answer with(String header, String value) {
        var more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Answer(status, more, body);
    }
}
