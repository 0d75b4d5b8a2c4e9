package org.slapos.node.agent;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A [PidFile] that several threads of this program hold together: taken for the first, let go after the last, so that
/// a command has its turn whenever the agent rests.
final class SharedPidFile {
    private static final Duration STEP = Duration.ofMillis(100);

    private final Path file;
    private @Nullable PidFile held;
    private int holders;

    SharedPidFile(Path file) {
        this.file = file;
    }

    void enter() throws InterruptedException {
        while (!tryEnter()) {
            Thread.sleep(STEP);
        }
    }

    private synchronized boolean tryEnter() {
        if (held == null) {
            held = PidFile.take(file).orElse(null);
        }
        if (held != null) {
            holders++;
        }
        return held != null;
    }

    synchronized void leave() {
        if (--holders == 0) {
            Optional.ofNullable(held).ifPresent(PidFile::close);
            held = null;
        }
    }
}
