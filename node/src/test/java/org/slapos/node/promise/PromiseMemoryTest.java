package org.slapos.node.promise;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.protocol.PartitionId;

class PromiseMemoryTest {
    private static final PartitionId PARTITION = new PartitionId("part0");
    private static final Instant RAN = Instant.parse("2026-03-01T10:00:00.123Z");
    private static final PromiseState STATE = new PromiseState(
            "page",
            42,
            Duration.ofMinutes(2),
            true,
            false,
            RAN.plusSeconds(120),
            Optional.of(new PromiseResult(
                    "page", "page.py", PromiseResult.Kind.TEST, true, true, "away", "", RAN, Duration.ofMillis(7))),
            List.of(
                    new PromiseState.Execution(RAN.minusSeconds(120), Duration.ofMillis(5), false),
                    new PromiseState.Execution(RAN, Duration.ofMillis(7), true)));

    @TempDir
    private Path root;

    @Test
    void whatIsSavedIsFoundAsItWas() {
        var memory = new PromiseMemory(new LinuxHost(UndoList.none()), root);

        memory.save(PARTITION, List.of(STATE));

        assertThat(memory.find(PARTITION)).containsExactly(Map.entry("page", STATE));
    }

    @Test
    void historyOfAnEarlierVersionIsRead() throws IOException {
        var memory = new PromiseMemory(new LinuxHost(UndoList.none()), root);
        memory.save(PARTITION, List.of(STATE));
        var file = root.resolve("var/promise/part0.json");
        var text = Files.readString(file);
        var now = text.substring(text.indexOf("[[") + 1, text.indexOf("]]") + 1);
        Files.writeString(
                file,
                text.replace(
                        now,
                        "{\"date\":\"2026-03-01T09:58:00.123Z\",\"milliseconds\":5,\"failed\":false},"
                                + "{\"date\":\"2026-03-01T10:00:00.123Z\",\"milliseconds\":7,\"failed\":true}"));

        assertThat(memory.find(PARTITION)).containsExactly(Map.entry("page", STATE));
    }

    @Test
    void whatIsBrokenIsAsIfNothingWereKnown() throws IOException {
        var memory = new PromiseMemory(new LinuxHost(UndoList.none()), root);
        memory.save(PARTITION, List.of(STATE));
        Files.writeString(root.resolve("var/promise/part0.json"), "{\"promises\": [");

        assertThat(memory.find(PARTITION)).isEmpty();
    }
}
