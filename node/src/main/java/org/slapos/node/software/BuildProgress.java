package org.slapos.node.software;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How far a build is: its last line, shown to whoever looks on as it comes, and told to the Master once in a while
/// when it is another one. What is told never waits in the way of the build, and is never told after [#close].
final class BuildProgress implements AutoCloseable {
    static final Duration PERIOD = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(BuildProgress.class);

    private final Consumer<String> show;
    private final Consumer<String> tell;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch silent = new CountDownLatch(1);
    private final Thread teller;
    private volatile String last = "";

    /// @param show sees each line, and an empty one at the end
    /// @param tell is the Master's; a refusal of it is of no matter
    BuildProgress(Duration period, Consumer<String> show, Consumer<String> tell) {
        this.show = show;
        this.tell = tell;
        this.teller = Thread.ofVirtual().start(() -> tellEvery(period));
    }

    void line(String line) {
        if (!line.isBlank()) {
            last = line.strip();
            show.accept(last);
        }
    }

    private void tellEvery(Duration period) {
        var told = "";
        try {
            while (!ended.await(period.toMillis(), TimeUnit.MILLISECONDS)) {
                var now = last;
                if (!now.equals(told)) {
                    tell(now);
                    told = now;
                }
            }
        } catch (InterruptedException _) {
            // the node is ending
        } finally {
            silent.countDown();
        }
    }

    private void tell(String line) {
        try {
            tell.accept(line);
        } catch (SlapException e) {
            LOG.debug("The progress of a build could not be told: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        ended.countDown();
        try {
            silent.await();
        } catch (InterruptedException e) {
            teller.interrupt();
            Thread.currentThread().interrupt();
        }
        show.accept("");
    }
}
