package org.slapos.node.software;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;

/// Where a SoftwareRelease is installed: `<software root>/<MD5 of its URL>`.
public record SoftwareDirectory(String url, Path path) {
    private static final String COMPLETED = ".completed";
    private static final int MAX_URL = 2000;
    private static final int MAX_MARK_BYTES = 4096;

    public static SoftwareDirectory of(Path softwareRoot, String url) {
        return new SoftwareDirectory(url, softwareRoot.resolve(name(url)));
    }

    /// MD5 of the URL exactly as the Master sends it, in lower-case hex digits.
    public static String name(String url) {
        try {
            var digest = MessageDigest.getInstance("MD5").digest(url.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Whether a URL can stand in a Buildout file: 1 to 2000 characters, none of them blank or a control character.
    static boolean isUsable(String url) {
        return !url.isEmpty()
                && url.length() <= MAX_URL
                && url.chars().noneMatch(c -> c <= ' ' || c == 0x7f || Character.isWhitespace(c));
    }

    /// What stands in the mark that a completed installation carries; empty when it is not complete.
    public String completion() {
        var mark = path.resolve(COMPLETED);
        try {
            return Files.isRegularFile(mark, LinkOption.NOFOLLOW_LINKS) && Files.size(mark) <= MAX_MARK_BYTES
                    ? Files.readString(mark)
                    : "";
        } catch (IOException _) {
            return "";
        }
    }

    /// Whether it is installed, by this runtime.
    public boolean isComplete(String runtimeId) {
        return isComplete(completion(), runtimeId);
    }

    /// Whether it is installed, by this runtime, when that is its [#completion].
    public static boolean isComplete(String completion, String runtimeId) {
        return completion.contains("\nruntime " + runtimeId + "\n");
    }

    static String completionText(Instant when, String runtimeId) {
        return when + "\nruntime " + runtimeId + "\n";
    }

    static String markName() {
        return COMPLETED;
    }
}
