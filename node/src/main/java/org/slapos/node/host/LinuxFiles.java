package org.slapos.node.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Owners, modes and whole trees of files, never through a link.
final class LinuxFiles {
    private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");
    private static final int TYPE = 0170000;
    private static final Map<Integer, FileFacts.Kind> KINDS =
            Map.of(0040000, FileFacts.Kind.DIRECTORY, 0100000, FileFacts.Kind.FILE, 0120000, FileFacts.Kind.LINK);

    private LinuxFiles() {}

    static Optional<FileFacts> facts(Path path) {
        try {
            var found = Files.readAttributes(path, "unix:uid,gid,mode", LinkOption.NOFOLLOW_LINKS);
            int mode = number(found, "mode");
            return Optional.of(new FileFacts(
                    KINDS.getOrDefault(mode & TYPE, FileFacts.Kind.OTHER),
                    number(found, "uid"),
                    number(found, "gid"),
                    mode & 07777));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new HostException("cannot look at " + path + ": " + e, e);
        }
    }

    private static int number(Map<String, Object> attributes, String name) {
        return attributes.get(name) instanceof Integer number ? number : 0;
    }

    /// Beside the file first, on the disk, then in its place.
    static void write(Path file, byte[] content, int mode) {
        var fresh = file.resolveSibling("." + file.getFileName() + ".new");
        try {
            if (holds(file, content, mode)) {
                return;
            }
            Files.deleteIfExists(fresh);
            var attributes = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
            try (var channel = FileChannel.open(
                    fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
                var bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            setMode(fresh, mode);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new HostException("cannot write " + file + ": " + e, e);
        }
    }

    private static boolean holds(Path file, byte[] content, int mode) throws IOException {
        var found = facts(file);
        return found.isPresent()
                && found.get().kind() == FileFacts.Kind.FILE
                && found.get().mode() == mode
                && Arrays.equals(content, Files.readAllBytes(file));
    }

    static void setOwner(Path path, int uid, int gid) {
        try {
            var now = facts(path);
            if (now.isPresent() && now.get().uid() == uid && now.get().gid() == gid) {
                return; // also what an ordinary user may always ask for
            }
            Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw new HostException("cannot give " + path + " to uid " + uid + ", gid " + gid + ": " + e, e);
        }
    }

    static void setMode(Path path, int mode) {
        try {
            if (Files.isSymbolicLink(path)) {
                throw new HostException("cannot set the mode of " + path + ": it is a link");
            }
            Files.setAttribute(path, "unix:mode", mode);
        } catch (IOException e) {
            throw new HostException(
                    "cannot set the mode of " + path + " to " + Integer.toOctalString(mode) + ": " + e, e);
        }
    }

    /// Deletes with the system's own tools, which open each directory from the one above, at any depth.
    static void deleteTree(LinuxProcesses processes, Path directory, boolean keepItself) {
        var facts = facts(directory);
        if (facts.isEmpty()) {
            return;
        }
        if (!facts.get().isDirectory()) {
            throw new HostException("cannot delete the tree " + directory + ": it is not a directory");
        }
        refuseMounts(directory);
        var name = directory.toAbsolutePath().toString();
        var delete = keepItself
                ? Command.of("find", name, "-xdev", "-mindepth", "1", "-delete")
                : Command.of("rm", "-rf", "--one-file-system", "--", name);
        var first = processes.run(delete.withDeadline(java.time.Duration.ofMinutes(10)));
        if (first.ok()) {
            return;
        }
        // Read-only directories stop everyone but root, who must not change modes where a tenant may still put a link
        // in
        // the place of a file; whoever still writes there deserves one more look.
        if (LinuxUsers.currentUid() != 0) {
            processes.run(Command.of("chmod", "-R", "u+rwX", "--", name));
        }
        processes.run(delete.withDeadline(java.time.Duration.ofMinutes(10))).orThrow("delete " + name);
    }

    private static void refuseMounts(Path directory) {
        try {
            var real = directory.toRealPath();
            for (var line : Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.UTF_8)) {
                var point = OCTAL.matcher(line.split(" ", -1)[4])
                        .replaceAll(m -> String.valueOf((char) Integer.parseInt(m.group(1), 8)));
                if (Path.of(point).startsWith(real)) {
                    throw new HostException(
                            "refused to delete " + directory + ": " + point + " is mounted there; unmount it first");
                }
            }
        } catch (IOException e) {
            throw new HostException("cannot see what is mounted below " + directory + ": " + e, e);
        }
    }
}
