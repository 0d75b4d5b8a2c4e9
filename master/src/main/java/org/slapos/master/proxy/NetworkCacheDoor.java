package org.slapos.master.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Door;
import org.slapos.master.http.Mount;

/// The network cache below `/shacache/`: files by their SHA-512, and a directory of entries by key that name them.
/// Entries are kept as they came, unsigned ones too.
final class NetworkCacheDoor {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{128}");
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,15})-(\\d{0,15})");

    private final Optional<NetworkCache> cache;

    @FunctionalInterface
    private interface CacheDoor {
        Answer answer(NetworkCache cache, Call call) throws IOException;
    }

    NetworkCacheDoor(Optional<NetworkCache> cache) {
        this.cache = cache;
    }

    List<Mount> mounts() {
        return List.of(
                new Mount("/shacache/cache", configured(NetworkCacheDoor::store)),
                new Mount("/shacache/cache/", configured(NetworkCacheDoor::file)),
                new Mount("/shacache/dir/", configured(NetworkCacheDoor::entries)),
                new Mount("/shacache/update", configured(NetworkCacheDoor::update)));
    }

    private Door configured(CacheDoor door) {
        return call -> {
            if (cache.isEmpty()) {
                return Answer.text(
                        503,
                        "There is no network cache here: set shacache-content-directory and"
                                + " shacache-metadata-directory in [slapproxy].");
            }
            try {
                return door.answer(cache.get(), call);
            } catch (NetworkCache.UpstreamException e) {
                return Answer.text(502, String.valueOf(e.getMessage()));
            }
        };
    }

    private static Answer store(NetworkCache cache, Call call) throws IOException {
        if (!call.method().equals("POST")) {
            return Answer.methodNotAllowed("POST");
        }
        return stored(cache.store(call.body()));
    }

    /// The hash and nothing else, without an end of line.
    private static Answer stored(String hash) {
        return new Answer(
                201, Map.of("Content-Type", "text/plain; charset=utf-8"), hash.getBytes(StandardCharsets.US_ASCII));
    }

    private static Answer file(NetworkCache cache, Call call) throws IOException {
        var hash = call.path();
        if (hash.isEmpty()) {
            return store(cache, call);
        }
        if (!HASH.matcher(hash).matches()) {
            return Answer.text(404, "'" + hash + "' is not a SHA-512: 128 lower-case hexadecimal digits.");
        }
        if (call.isGet()) {
            var found = cache.file(hash);
            return found.isPresent() ? served(found.get(), hash, call) : Answer.notFound("/shacache/cache/" + hash);
        }
        if (!call.method().equals("PUT")) {
            return Answer.methodNotAllowed("GET, HEAD, PUT");
        }
        return NetworkCache.sha512(call.body()).equals(hash)
                ? stored(cache.store(call.body()))
                : Answer.text(400, "Checksum mismatch");
    }

    private static Answer served(Path file, String hash, Call call) throws IOException {
        var etag = '"' + hash + '"';
        if (call.has(etag)) {
            return Answer.notModified(etag);
        }
        long size = Files.size(file);
        long from = 0;
        long end = size;
        int status = 200;
        var range = RANGE.matcher(call.header("range").orElse(""));
        if (range.matches() && !(range.group(1) + range.group(2)).isEmpty()) {
            from = range.group(1).isEmpty()
                    ? Math.max(0, size - Long.parseLong(range.group(2)))
                    : Long.parseLong(range.group(1));
            end = range.group(1).isEmpty() || range.group(2).isEmpty()
                    ? size
                    : Math.min(size, Long.parseLong(range.group(2)) + 1);
            if (from >= end) {
                return Answer.text(416, "The file has " + size + " bytes.").with("Content-Range", "bytes */" + size);
            }
            status = 206;
        }
        if (end - from > Proxy.MAX_BODY_BYTES) {
            return Answer.text(
                    500,
                    "A file of " + size + " bytes is too long for this cache: ask for ranges of at most "
                            + Proxy.MAX_BODY_BYTES + " bytes.");
        }
        var answer = new Answer(status, Map.of(), cache(file, from, (int) (end - from)))
                .with("Content-Type", "application/octet-stream")
                .with("Content-Disposition", "attachment; filename=" + hash)
                .with("ETag", etag)
                .with("Accept-Ranges", "bytes")
                .with(
                        "Last-Modified",
                        DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                Files.getLastModifiedTime(file).toInstant().atOffset(ZoneOffset.UTC)));
        return status == 206 ? answer.with("Content-Range", "bytes " + from + "-" + (end - 1) + "/" + size) : answer;
    }

    private static byte[] cache(Path file, long from, int length) throws IOException {
        try (var in = Files.newInputStream(file)) {
            in.skipNBytes(from);
            return in.readNBytes(length);
        }
    }

    private static Answer entries(NetworkCache cache, Call call) throws IOException {
        var key = call.path();
        if (!NetworkCache.isKey(key)) {
            return Answer.text(404, "'" + key + "' is no key: 1 to 200 visible characters without slashes.");
        }
        if (call.isGet()) {
            var found = cache.entries(key);
            return found.isPresent()
                    ? Answer.ok("application/json", found.get())
                    : Answer.notFound("/shacache/dir/" + key);
        }
        if (!call.method().equals("PUT")) {
            return Answer.methodNotAllowed("GET, HEAD, PUT");
        }
        if (parsed(call.body()) instanceof ArrayNode entry && entry.size() == 2) {
            cache.index(key, entry);
            return new Answer(201, Map.of(), new byte[0]);
        }
        return Answer.text(400, "An entry is a JSON array of two items: the metadata as text, and its signature.");
    }

    private static JsonNode parsed(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException _) {
            return JSON.missingNode();
        }
    }

    private static Answer update(NetworkCache cache, Call call) throws IOException {
        return call.method().equals("POST")
                ? Answer.ok("application/json", JSON.writeValueAsBytes(cache.update()))
                : Answer.methodNotAllowed("POST");
    }
}
