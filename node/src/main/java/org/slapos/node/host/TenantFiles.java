package org.slapos.node.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Files below a directory that belongs to a tenant, who may change it at any moment to harm whoever writes there.
///
/// Each directory on the way is opened from the one above without following links. A new file is made whole (content,
/// owner, mode) beside the tenant's directory, where the tenant cannot write, and moved in by one rename.
final class TenantFiles {
    private static final String FRESH = ".new-";
    private static final int UUID_LENGTH = 36;
    private static final int MAX_PADDED = 1 << 20;
    private static final Duration LONGEST_WRITE = Duration.ofMinutes(1);
    private static final boolean ROOT = LinuxUsers.currentUid() == 0;
    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> READ_WRITE =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    private TenantFiles() {}

    static void write(Path tenantDirectory, String relativeName, byte[] content, int mode, int uid, int gid) {
        replace(tenantDirectory, relativeName, fresh -> {
            var attributes = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
            try (var channel = FileChannel.open(
                    fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
                var bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(false);
            }
            LinuxFiles.setOwner(fresh, uid, gid);
            LinuxFiles.setMode(fresh, mode);
        });
    }

    /// Whether that is what is in the file. The tenant may have it changed a moment later, as after [#write].
    static boolean holds(Path tenantDirectory, String relativeName, byte[] content) {
        try {
            return read(tenantDirectory, relativeName, content.length)
                    .filter(now -> Arrays.equals(now, content))
                    .isPresent();
        } catch (HostException _) {
            return false; // another one: longer, or no plain file
        }
    }

    static void link(Path tenantDirectory, String relativeName, Path target, int uid, int gid) {
        refuseOtherThanLink(tenantDirectory, relativeName);
        replace(tenantDirectory, relativeName, fresh -> {
            Files.createSymbolicLink(fresh, target);
            LinuxFiles.setOwner(fresh, uid, gid);
        });
    }

    /// Deletes what [#replace] left in a folder when it was killed: whatever has such a name and is older than any that
    /// is at work.
    static void deleteUnfinished(Path folder) {
        var old = Instant.now().minus(LONGEST_WRITE);
        try (var files = Files.newDirectoryStream(folder, FRESH + "*")) {
            for (var file : files) {
                var kind = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                boolean isOurs = file.getFileName().toString().length() == FRESH.length() + UUID_LENGTH;
                if (isOurs
                        && !kind.isDirectory()
                        && kind.lastModifiedTime().toInstant().isBefore(old)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (NoSuchFileException _) {
            // nothing was ever written there
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot tidy " + folder + ": " + e, e);
        }
    }

    static boolean extend(Path tenantDirectory, String relativeName, byte[] ending, byte[] more, long maxBytes) {
        return inPlace(tenantDirectory, relativeName, channel -> {
            long begin = channel.size() - ending.length;
            if (begin < 0 || begin + more.length > maxBytes || !endsWith(channel, begin, ending)) {
                return false;
            }
            put(channel, begin, more);
            return true;
        });
    }

    /// Blanks make up for what was longer, until it is cut: a reader of JSON sees it whole.
    static boolean overwrite(Path tenantDirectory, String relativeName, byte[] content) {
        return inPlace(tenantDirectory, relativeName, channel -> {
            var padded = Arrays.copyOf(content, Math.clamp(channel.size(), content.length, MAX_PADDED));
            Arrays.fill(padded, content.length, padded.length, (byte) ' ');
            put(channel, 0, padded);
            channel.truncate(content.length);
            return true;
        });
    }

    private interface Change {
        boolean of(SeekableByteChannel channel) throws IOException;
    }

    /// @return false when there is no plain file of the directory's owner: a second name for somebody else's is none
    private static boolean inPlace(Path tenantDirectory, String relativeName, Change change) {
        try {
            return inside(tenantDirectory, relativeName, (directory, name) -> {
                if (!attributes(directory, name).isRegularFile()
                        || !owner(directory, name).equals(Files.getOwner(tenantDirectory, LinkOption.NOFOLLOW_LINKS))) {
                    return false;
                }
                try (var channel = directory.newByteChannel(name, READ_WRITE)) {
                    return change.of(channel);
                }
            });
        } catch (NoSuchFileException _) {
            return false;
        } catch (IOException e) {
            throw new HostException("cannot write " + relativeName + " in " + tenantDirectory + ": " + why(e), e);
        }
    }

    private static void put(SeekableByteChannel channel, long position, byte[] content) throws IOException {
        channel.position(position);
        var bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static boolean endsWith(SeekableByteChannel channel, long begin, byte[] ending) throws IOException {
        var now = ByteBuffer.allocate(ending.length);
        channel.position(begin);
        while (now.hasRemaining() && channel.read(now) >= 0) {
            // until it is whole
        }
        return Arrays.equals(now.array(), ending);
    }

    static Optional<byte[]> read(Path tenantDirectory, String relativeName, int maxBytes) {
        try {
            return inside(tenantDirectory, relativeName, (directory, name) -> {
                var kind = attributes(directory, name);
                if (!kind.isRegularFile()) {
                    throw new FileSystemException(name.toString(), null, "a link, or no plain file");
                }
                try (var channel = open(tenantDirectory, directory, name)) {
                    var buffer = ByteBuffer.allocate(8192);
                    var content = new ByteArrayOutputStream();
                    while (channel.read(buffer) >= 0) {
                        content.write(buffer.array(), 0, buffer.position());
                        buffer.clear();
                        if (content.size() > maxBytes) {
                            throw new FileSystemException(name.toString(), null, "longer than " + maxBytes + " bytes");
                        }
                    }
                    return Optional.of(content.toByteArray());
                }
            });
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new HostException("cannot read " + relativeName + " in " + tenantDirectory + ": " + why(e), e);
        }
    }

    /// Between the look at it and this, the tenant may have put a named pipe in its place, and opening that to read
    /// waits for a writer, for ever. Opening it to read and write does not, and a pipe then has no position.
    /// Root may open any file so; an ordinary user has nobody to fear but itself.
    private static SeekableByteChannel open(Path tenantDirectory, SecureDirectoryStream<Path> directory, Path name)
            throws IOException {
        var channel = ROOT ? openAsRoot(tenantDirectory, directory, name) : directory.newByteChannel(name, READ);
        try {
            channel.position();
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static SeekableByteChannel openAsRoot(
            Path tenantDirectory, SecureDirectoryStream<Path> directory, Path name) throws IOException {
        try {
            return directory.newByteChannel(name, READ_WRITE);
        } catch (FileSystemException e) {
            if (e instanceof NoSuchFileException
                    || !Files.getFileStore(tenantDirectory).isReadOnly()) {
                throw e;
            }
            return directory.newByteChannel(name, READ); // where nobody can put anything in its place
        }
    }

    private static void refuseOtherThanLink(Path tenantDirectory, String relativeName) {
        try {
            inside(tenantDirectory, relativeName, (directory, name) -> {
                if (!attributes(directory, name).isSymbolicLink()) {
                    throw new FileSystemException(name.toString(), null, "something that is not a link is there");
                }
                return name;
            });
        } catch (NoSuchFileException _) {
            // the usual case: there is nothing yet
        } catch (IOException e) {
            throw new HostException("cannot link " + relativeName + " in " + tenantDirectory + ": " + why(e), e);
        }
    }

    private interface Make {
        void at(Path fresh) throws IOException;
    }

    private interface InDirectory<T> {
        T act(SecureDirectoryStream<Path> directory, Path name) throws IOException;
    }

    private static void replace(Path tenantDirectory, String relativeName, Make make) {
        var parent = Optional.ofNullable(tenantDirectory.toAbsolutePath().getParent())
                .orElseThrow(() -> new HostException("the root directory belongs to no tenant"));
        var fresh = parent.resolve(FRESH + UUID.randomUUID());
        try {
            make.at(fresh);
            try (var opened = Files.newDirectoryStream(parent)) {
                var outside = secure(opened);
                inside(tenantDirectory, relativeName, (directory, name) -> {
                    outside.move(fresh.getFileName(), directory, name);
                    return name;
                });
            }
        } catch (IOException e) {
            throw new HostException("cannot write " + relativeName + " in " + tenantDirectory + ": " + why(e), e);
        } finally {
            fresh.toFile().delete();
        }
    }

    private static <T> T inside(Path tenantDirectory, String relativeName, InDirectory<T> act) throws IOException {
        var relative = Path.of(relativeName);
        if (relative.isAbsolute()
                || !relative.normalize().equals(relative)
                || relative.startsWith("..")
                || relativeName.isEmpty()) {
            throw new FileSystemException(relativeName, null, "not a plain name below the directory");
        }
        if (!Files.isDirectory(tenantDirectory, LinkOption.NOFOLLOW_LINKS)) {
            throw new NoSuchFileException(tenantDirectory.toString(), null, "no such directory");
        }
        try (var opened = Files.newDirectoryStream(tenantDirectory)) {
            return descend(secure(opened), relative, act);
        }
    }

    private static <T> T descend(SecureDirectoryStream<Path> directory, Path relative, InDirectory<T> act)
            throws IOException {
        if (relative.getNameCount() == 1) {
            return act.act(directory, relative);
        }
        try (var below = directory.newDirectoryStream(relative.getName(0), LinkOption.NOFOLLOW_LINKS)) {
            return descend(below, relative.subpath(1, relative.getNameCount()), act);
        }
    }

    private static BasicFileAttributes attributes(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        var view = directory.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        return view.readAttributes();
    }

    private static UserPrincipal owner(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        return directory
                .getFileAttributeView(name, FileOwnerAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .getOwner();
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) {
        return switch (stream) {
            case SecureDirectoryStream<Path> secure -> secure;
            default -> throw new HostException("this system cannot open files relative to a directory");
        };
    }

    private static String why(IOException e) {
        var reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        return reason == null || reason.isEmpty() ? e.getClass().getSimpleName() : reason;
    }
}
