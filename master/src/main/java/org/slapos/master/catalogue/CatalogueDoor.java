package org.slapos.master.catalogue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Door;

/// Serves the files below one folder, to anyone. The server has normalised dot segments already, because Buildout joins
/// URLs by concatenation (`/software/a/../stack/base.cfg`); whatever still tries to leave the folder, by name or by
/// symbolic link, is not found.
public final class CatalogueDoor implements Door {
    private static final long MAX_FILE_BYTES = 64L * 1024 * 1024;
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final Map<String, String> TYPES =
            Map.of("json", "application/json", "html", "text/html; charset=utf-8", "gz", "application/gzip");

    private final Path folder;

    /// @param folder what stands below `/software/`
    public CatalogueDoor(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    @Override
    public Answer answer(Call call) throws IOException {
        if (!call.isGet()) {
            return Answer.methodNotAllowed("GET, HEAD");
        }
        var file = inside(call.path());
        if (file.isEmpty()) {
            return Answer.notFound("/software/" + call.path());
        }
        try {
            var content = Files.readAllBytes(file.get());
            var etag = '"' + sha256(content) + '"';
            if (call.has(etag)) {
                return Answer.notModified(etag);
            }
            return Answer.ok(type(file.get()), content).with("ETag", etag).with("Cache-Control", "no-cache");
        } catch (NoSuchFileException _) {
            return Answer.notFound("/software/" + call.path());
        }
    }

    /// The plain file of that name really inside the folder.
    private Optional<Path> inside(String name) throws IOException {
        if (name.isEmpty() || name.indexOf('\0') >= 0 || name.indexOf('\\') >= 0) {
            return Optional.empty();
        }
        var file = folder.resolve(name).normalize();
        if (!file.startsWith(folder) || !Files.isRegularFile(file)) {
            return Optional.empty();
        }
        var real = file.toRealPath();
        if (!real.startsWith(folder.toRealPath())
                || !Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)
                || Files.size(real) > MAX_FILE_BYTES) {
            return Optional.empty();
        }
        return Optional.of(real);
    }

    private static String type(Path file) {
        var name = file.getFileName().toString();
        return TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), TEXT);
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
