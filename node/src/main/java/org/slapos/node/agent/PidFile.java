package org.slapos.node.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file that one process at a time holds locked, with its process id in it. The kernel lets go of the lock when the
/// process ends, however it ends.
public final class PidFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PidFile.class);
    private static final int MAX_SHOWN = 20;
    private static final Duration STEP = Duration.ofMillis(100);

    private final FileChannel channel;
    private final FileLock lock;

    private PidFile(FileChannel channel, FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /// The lock, or nothing when another process, or another part of this one, holds it. The folder has to be there.
    public static Optional<PidFile> take(Path file) {
        try {
            var channel = FileChannel.open(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
            try {
                var lock = channel.tryLock();
                if (lock != null) {
                    sayIfLeftBehind(file, channel);
                    channel.truncate(0);
                    var pid = ProcessHandle.current().pid() + "\n";
                    channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)));
                    return Optional.of(new PidFile(channel, lock));
                }
            } catch (OverlappingFileLockException _) {
                // held by another part of this program
            }
            channel.close();
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot lock the pid file " + file + ": " + e, e);
        }
    }

    /// Whoever ends as it should leaves it empty.
    private static void sayIfLeftBehind(Path file, FileChannel channel) throws IOException {
        if (channel.size() > 0) {
            var content = ByteBuffer.allocate(MAX_SHOWN);
            channel.read(content, 0);
            var text = new String(content.array(), 0, content.position(), StandardCharsets.US_ASCII).strip();
            LOG.info("the pid file {} was left by process {}, which holds it no more: it is taken over", file, text);
        }
    }

    /// As [#take], waiting for whoever holds it.
    public static Optional<PidFile> take(Path file, Duration patience) throws InterruptedException {
        var end = System.nanoTime() + patience.toNanos();
        while (true) {
            var taken = take(file);
            if (taken.isPresent() || System.nanoTime() > end) {
                return taken;
            }
            Thread.sleep(STEP);
        }
    }

    /// Who holds it, for messages.
    public static String holder(Path file) {
        try {
            return "process " + Files.readString(file).strip();
        } catch (IOException _) {
            return "another process";
        }
    }

    @Override
    public void close() {
        try {
            channel.truncate(0);
            lock.release();
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot let go of a pid file: " + e, e);
        }
    }
}
