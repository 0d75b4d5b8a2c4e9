package org.slapos.cli.demo;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.CRC32C;
import org.slapos.cli.verbs.CommandFailure;
import org.slapos.cli.verbs.ExitStatus;

/// Folders of the demo: made, copied, compared, deleted. No link is followed.
final class Folders {
    private Folders() {}

    /// Makes a folder of that mode, such as `rwxr-xr-x`, whatever the umask is; one that is there gets the mode.
    static void make(Path folder, String mode) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    }

    /// Replaces a file in one step by one of that mode, such as `rw-------`, which it has from its first moment.
    static void write(Path file, String text, String mode) throws IOException {
        var fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, text);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString(mode));
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /// Replaces `to` by a copy that everybody may read, and the owner change.
    static void install(Path from, Path to) throws IOException {
        var fresh = to.resolveSibling(to.getFileName() + ".new");
        delete(fresh);
        try (var files = Files.walk(from)) {
            for (var file : (Iterable<Path>) files::iterator) {
                var copy = fresh.resolve(from.relativize(file).toString());
                if (Files.isSymbolicLink(file)) {
                    Files.copy(file, copy, LinkOption.NOFOLLOW_LINKS);
                } else if (Files.isDirectory(file)) {
                    make(copy, "rwxr-xr-x");
                } else {
                    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
                    Files.setPosixFilePermissions(
                            copy,
                            PosixFilePermissions.fromString(Files.isExecutable(file) ? "rwxr-xr-x" : "rw-r--r--"));
                }
            }
        }
        delete(to);
        Files.move(fresh, to);
    }

    /// A number that differs when a name or the content of a file below differs.
    static String fingerprint(Path folder) throws IOException {
        var sum = new CRC32C();
        var buffer = new byte[256 * 1024];
        try (var files = Files.walk(folder)) {
            for (var file : (Iterable<Path>) files.sorted()::iterator) {
                sum.update((folder.relativize(file) + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    try (var in = Files.newInputStream(file)) {
                        for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                            sum.update(buffer, 0, length);
                        }
                    }
                }
            }
        }
        return Long.toHexString(sum.getValue());
    }

    /// Deletes a folder and all that is in it, read-only or not.
    ///
    /// @throws CommandFailure when something is mounted in it
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        refuseMounts(folder);
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                if (!Files.isWritable(directory)) {
                    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @org.jspecify.annotations.Nullable IOException e)
                    throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void refuseMounts(Path folder) throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            var mounted = Path.of(line.split(" ", -1)[4].replace("\\040", " "));
            if (mounted.startsWith(folder) && !mounted.equals(folder)) {
                throw new CommandFailure(
                        ExitStatus.FAILED,
                        mounted + " is mounted below " + folder + ": unmount it, then try again. Nothing was deleted.");
            }
        }
    }
}
