package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class PidFileTest {
    @TempDir
    Path folder;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger().addAppender(log);
    }

    @AfterEach
    void listenNoMore() {
        logger().detachAppender(log);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(PidFile.class);
    }

    private static String own() {
        return Long.toString(ProcessHandle.current().pid());
    }

    @Test
    @Tag("checklist:PH-08")
    void itHoldsTheNumberOfWhoTookItAndIsEmptyAfterwards() throws IOException {
        var file = folder.resolve("x.pid");

        try (var taken = PidFile.take(file).orElseThrow()) {
            assertThat(taken).isNotNull();
            assertThat(Files.readString(file).strip()).isEqualTo(own());
            assertThat(PidFile.take(file)).as("another part of this program").isEmpty();
        }
        assertThat(file).isEmptyFile();
        assertThat(log.list).isEmpty();
    }

    @Test
    @Tag("checklist:PH-09")
    @Tag("checklist:PH-10")
    void whatALivingProcessHoldsIsNotTakenUntilItIsDead() throws Exception {
        var file = folder.resolve("x.pid");
        var holder = new ProcessBuilder(
                        "python3",
                        "-c",
                        "import fcntl, os, sys, time; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX);"
                                + " f.write(str(os.getpid())); f.flush(); print('held', flush=True); time.sleep(600)",
                        file.toString())
                .start();
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("held");

            assertThat(PidFile.take(file)).isEmpty();
            assertThat(PidFile.holder(file)).isEqualTo("process " + holder.pid());
        } finally {
            holder.destroyForcibly().waitFor();
        }
        assertThat(Files.readString(file)).isEqualTo(Long.toString(holder.pid()));
        assertThat(log.list).isEmpty();
        try (var _ = PidFile.take(file).orElseThrow()) {
            assertThat(Files.readString(file).strip()).isEqualTo(own());
        }
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("the pid file " + file + " was left by process " + holder.pid()
                        + ", which holds it no more: it is taken over");
    }

    @Test
    @Tag("checklist:PH-11")
    void aNumberThatAnotherProgramHasNowIsReplaced() throws Exception {
        var other = new ProcessBuilder("sleep", "600").start();
        try {
            var file = Files.writeString(folder.resolve("x.pid"), Long.toString(other.pid()));

            try (var _ = PidFile.take(file).orElseThrow()) {
                assertThat(Files.readString(file).strip()).isEqualTo(own());
            }
        } finally {
            other.destroyForcibly().waitFor();
        }
    }
}
