package org.slapos.master.proxy;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files of the network cache in two folders: content named by its SHA-512, and for each key a JSON array of
/// entries. What is not here is fetched from upstream, if there is one, and kept. A file appears whole or not at all.
final class NetworkCache {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkCache.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MAX_INDEX_BYTES = 16 * 1024 * 1024;

    private final ProxyConfiguration.Cache settings;
    private final OutgoingHttp http;

    /// Upstream answered something else than the file, or than that there is none.
    static final class UpstreamException extends IOException {
        private static final long serialVersionUID = 1L;

        UpstreamException(String message) {
            super(message);
        }
    }

    NetworkCache(ProxyConfiguration.Cache settings, OutgoingHttp http) {
        this.settings = settings;
        this.http = http;
    }

    static String sha512(byte[] content) {
        return HexFormat.of().formatHex(digest().digest(content));
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-512");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Whether a key may name a file.
    static boolean isKey(String key) {
        return key.matches("[!-.0-~]{1,200}") && !key.startsWith(".");
    }

    /// @return its hash
    String store(byte[] content) throws IOException {
        var hash = sha512(content);
        var file = settings.content().resolve(hash);
        if (!Files.exists(file)) {
            replace(file, content);
        }
        return hash;
    }

    private static void replace(Path file, byte[] content) throws IOException {
        var next = Files.createTempFile(file.getParent(), ".new", "");
        try {
            Files.write(next, content);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(next);
        }
    }

    /// The file of that hash; fetched when it is not here.
    Optional<Path> file(String hash) throws IOException {
        var file = settings.content().resolve(hash);
        if (Files.isRegularFile(file)) {
            return Optional.of(file);
        }
        if (settings.upstreamCache().isEmpty()) {
            return Optional.empty();
        }
        var url = settings.upstreamCache().get() + "/" + hash;
        try (var body = fetch(url)) {
            return body == null ? Optional.empty() : Optional.of(fetched(body, file, hash, url));
        }
    }

    private static Path fetched(InputStream body, Path file, String hash, String url) throws IOException {
        var next = Files.createTempFile(file.getParent(), ".new", "");
        try {
            var digest = digest();
            try (var in = new DigestInputStream(body, digest)) {
                Files.copy(in, next, StandardCopyOption.REPLACE_EXISTING);
            }
            if (!HexFormat.of().formatHex(digest.digest()).equals(hash)) {
                throw new UpstreamException("What is at " + url + " has another hash than its name.");
            }
            return Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(next);
        }
    }

    /// The body at that address; null when there is none.
    ///
    /// @throws UpstreamException for any other answer than those
    private @Nullable InputStream fetch(String url) throws IOException {
        try {
            var request =
                    HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build();
            var answer = http.client().send(request, HttpResponse.BodyHandlers.ofInputStream());
            if (answer.statusCode() == 200) {
                return answer.body();
            }
            answer.body().close();
            if (answer.statusCode() == 404) {
                return null;
            }
            throw new UpstreamException(url + " answered " + answer.statusCode() + ".");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UpstreamException("Interrupted while fetching " + url + ".");
        } catch (UpstreamException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new UpstreamException("No answer from " + url + ": " + e + ".");
        }
    }

    /// The entries of a key, a JSON array as it was stored; fetched when it is not here.
    Optional<byte[]> entries(String key) throws IOException {
        var file = settings.metadata().resolve(key);
        if (Files.isRegularFile(file)) {
            return Optional.of(Files.readAllBytes(file));
        }
        var found = fetchEntries(key);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        var bytes = JSON.writeValueAsBytes(found.get());
        replace(file, bytes);
        return Optional.of(bytes);
    }

    /// Entries upstream; nothing when there is no upstream, or none of that key.
    private Optional<ArrayNode> fetchEntries(String key) throws IOException {
        if (settings.upstreamDirectory().isEmpty()) {
            return Optional.empty();
        }
        var url = settings.upstreamDirectory().get() + "/" + key;
        try (var body = fetch(url)) {
            if (body == null) {
                return Optional.empty();
            }
            if (JSON.readTree(body.readNBytes(MAX_INDEX_BYTES)) instanceof ArrayNode array) {
                return Optional.of(array);
            }
        } catch (JacksonException e) {
            LOG.debug("{} is not JSON", url, e);
        }
        throw new UpstreamException("What is at " + url + " is not a JSON array of entries.");
    }

    /// Makes an entry the only one of its key.
    void index(String key, ArrayNode entry) throws IOException {
        replace(
                settings.metadata().resolve(key),
                JSON.writeValueAsBytes(JSON.createArrayNode().add(entry)));
    }

    /// Brings the directory up to date: with the entries upstream has, or without those whose file is not here.
    ///
    /// @return the keys that were `removed` and `updated`
    ObjectNode update() throws IOException {
        var result = JSON.createObjectNode();
        var removed = result.putArray("removed");
        var updated = result.putArray("updated");
        try (var files = Files.list(settings.metadata())) {
            for (var file : files.sorted().toList()) {
                var key = file.getFileName().toString();
                if (!isKey(key) || !Files.isRegularFile(file)) {
                    continue;
                }
                if (settings.upstreamDirectory().isEmpty()) {
                    if (pruned(file)) {
                        removed.add(key);
                    }
                } else {
                    refresh(file, key, removed, updated);
                }
            }
        }
        return result;
    }

    private void refresh(Path file, String key, ArrayNode removed, ArrayNode updated) throws IOException {
        try {
            var found = fetchEntries(key).filter(entries -> !entries.isEmpty());
            if (found.isPresent()) {
                replace(file, JSON.writeValueAsBytes(found.get()));
                updated.add(key);
            } else {
                Files.deleteIfExists(file);
                removed.add(key);
            }
        } catch (UpstreamException e) {
            LOG.warn("{} stays as it is: {}", key, e.getMessage());
        }
    }

    /// Whether entries were dropped from that file; without any left it is gone.
    private boolean pruned(Path file) throws IOException {
        var kept = JSON.createArrayNode();
        int before = -1;
        if (parsed(Files.readAllBytes(file)) instanceof ArrayNode entries) {
            before = entries.size();
            entries.forEach(entry -> {
                if (isWhole(entry)) {
                    kept.add(entry);
                }
            });
        }
        if (kept.size() == before && before > 0) {
            return false;
        }
        if (kept.isEmpty()) {
            Files.deleteIfExists(file);
        } else {
            replace(file, JSON.writeValueAsBytes(kept));
        }
        return true;
    }

    private boolean isWhole(JsonNode entry) {
        if (!entry.isArray() || entry.size() != 2 || !entry.get(0).isTextual()) {
            return false;
        }
        var hash = parsed(entry.get(0).textValue().getBytes(StandardCharsets.UTF_8))
                .path("sha512")
                .asText();
        return hash.matches("[0-9a-f]{128}")
                && Files.isRegularFile(settings.content().resolve(hash));
    }

    private static JsonNode parsed(byte[] text) {
        try {
            return JSON.readTree(text);
        } catch (IOException _) {
            return JSON.missingNode();
        }
    }
}
