package org.slapos.node.promise;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// What one promise said.
///
/// @param title name of its file without the last extension
public record PromiseResult(Path file, String title, boolean failed, String message, Instant date, Duration took) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss+0000");
    private static final int MAX_MESSAGE = 5000;

    public PromiseResult {
        if (message.length() > MAX_MESSAGE) {
            message = "..." + message.substring(message.length() - MAX_MESSAGE);
        }
    }

    static String titleOf(Path file) {
        var name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    /// As monitoring reads it from `.slapgrid/promise/result/<title>.status.json`.
    byte[] toJson() {
        var root = JSON.createObjectNode()
                .put("title", title)
                .put("name", file.getFileName().toString())
                .put("path", file.toString())
                .put("execution-time", took.toMillis() / 1000.0);
        root.putObject("result")
                .put("type", "Test Result")
                .put("failed", failed)
                .put("date", DATE.format(date.atOffset(ZoneOffset.UTC)))
                .put("message", message);
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }
}
