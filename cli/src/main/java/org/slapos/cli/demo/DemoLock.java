package org.slapos.cli.demo;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slapos.cli.verbs.CommandFailure;
import org.slapos.cli.verbs.ExitStatus;

/// Held by whoever starts or stops the demo, so that two do not mix. The kernel gives it back when its holder dies.
final class DemoLock implements AutoCloseable {
    private final DemoSettings settings;
    private final FileChannel channel;

    private DemoLock(DemoSettings settings, FileChannel channel) {
        this.settings = settings;
        this.channel = channel;
    }

    /// Makes the demo's root when it is not there.
    ///
    /// @throws CommandFailure when another holds it, or the folder is not the demo's
    static DemoLock take(DemoSettings settings) throws IOException {
        var root = settings.root();
        if (Files.exists(root) && !Files.exists(settings.lock()) && !isEmpty(settings)) {
            throw new CommandFailure(
                    ExitStatus.FAILED,
                    root + " is not empty and was not made by the demo: name another folder by SLAPOS_DEMO_ROOT.");
        }
        if (!Files.exists(root)) {
            Folders.make(root, "rwxr-xr-x");
        }
        return of(settings)
                .orElseThrow(() -> new CommandFailure(
                        ExitStatus.ALREADY_RUNNING,
                        "a demo is being started or stopped in " + root + " right now: wait for it to end."));
    }

    private static Optional<DemoLock> of(DemoSettings settings) throws IOException {
        var channel = FileChannel.open(settings.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        // One that was just stopped took its lock file away with its folder.
        if (channel.tryLock() == null || !Files.exists(settings.lock())) {
            channel.close();
            return Optional.empty();
        }
        return Optional.of(new DemoLock(settings, channel));
    }

    private static boolean isEmpty(DemoSettings settings) throws IOException {
        try (var entries = Files.list(settings.root())) {
            return entries.findAny().isEmpty();
        }
    }

    /// A folder in which nothing was made goes with its lock.
    @Override
    public void close() throws IOException {
        if (Files.exists(settings.root())) {
            try (var entries = Files.list(settings.root())) {
                if (entries.allMatch(settings.lock()::equals)) {
                    Folders.delete(settings.root());
                }
            }
        }
        channel.close();
    }
}
