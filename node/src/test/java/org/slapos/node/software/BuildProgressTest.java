package org.slapos.node.software;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.client.SlapException;

class BuildProgressTest {
    private final List<String> shown = new ArrayList<>();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    private BuildProgress every(Duration period) {
        return new BuildProgress(period, shown::add, told::add);
    }

    private String nextTold() throws InterruptedException {
        return String.valueOf(told.poll(20, TimeUnit.SECONDS));
    }

    @Test
    void eachLineIsShownAndTheLastOneIsToldOnce() throws InterruptedException {
        try (var progress = every(Duration.ofMillis(20))) {
            progress.line("checking for gcc... gcc ");
            progress.line("   ");
            assertThat(nextTold()).isEqualTo("checking for gcc... gcc");
            progress.line("make: all");
            assertThat(nextTold()).isEqualTo("make: all");
        }
        assertThat(shown).containsExactly("checking for gcc... gcc", "make: all", "");
        assertThat(told).isEmpty();
    }

    @Test
    void aShortBuildTellsNothing() {
        try (var progress = every(BuildProgress.PERIOD)) {
            progress.line("done at once");
        }
        assertThat(told).isEmpty();
    }

    @Test
    void aMasterThatIsAwayIsToldLater() throws InterruptedException {
        var isAway = new LinkedBlockingQueue<>(List.of(true));
        try (var progress = new BuildProgress(Duration.ofMillis(20), shown::add, line -> {
            if (isAway.poll() != null) {
                told.add("tried");
                throw new SlapException(SlapException.Kind.UNREACHABLE, "away");
            }
            told.add(line);
        })) {
            progress.line("one");
            assertThat(nextTold()).isEqualTo("tried");
            progress.line("two");
            assertThat(nextTold()).isEqualTo("two");
        }
    }
}
