package org.slapos.node.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UndoTest {
    @TempDir
    Path folder;

    private final List<String> said = new ArrayList<>();

    private Path list() {
        return folder.resolve("undo.list");
    }

    @Test
    void whatWasMadeIsTakenAwayAndNothingElse() throws IOException {
        var host = new LinuxHost(UndoList.at(list()));
        var mine = folder.resolve("mine");
        var theirs = Files.createDirectory(folder.resolve("theirs"));
        host.createDirectory(mine, 0755);
        host.createDirectory(mine.resolve("below"), 0700);
        host.createDirectory(theirs, 0700); // was there already
        Files.writeString(mine.resolve("below/file"), "x");

        assertThat(new Undo(said::add).undo(list())).isTrue();

        assertThat(mine).doesNotExist();
        assertThat(theirs).exists();
        assertThat(list()).doesNotExist();
        assertThat(said).containsExactly("undone: directory " + mine.resolve("below"), "undone: directory " + mine);
    }

    @Test
    void aListThatOthersMayWriteIsNotFollowed() throws IOException {
        var host = new LinuxHost(UndoList.at(list()));
        var mine = folder.resolve("mine");
        host.createDirectory(mine, 0755);
        host.setMode(list(), 0666);

        assertThatThrownBy(() -> new Undo(said::add).undo(list())).hasMessageContaining("refused");
        assertThat(mine).exists();

        host.setMode(list(), 0600);
        assertThat(new Undo(said::add).undo(list())).isTrue();
    }

    @Test
    void aDeviceBelongsAgainToWhomItBelonged() throws IOException {
        assumeTrue(new LinuxHost(UndoList.none()).isRoot());
        var host = new LinuxHost(UndoList.at(list()));
        var device = folder.resolve("disk");
        host.run(Command.of("mknod", device.toString(), "b", "259", "901")).orThrow("make it");

        host.giveDevice(device, 12_345, 6);
        host.giveDevice(device, 12_346, 6);

        assertThat(host.facts(device).map(FileFacts::uid)).contains(12_346);
        assertThat(new Undo(said::add).undo(list())).isTrue();
        assertThat(host.facts(device)).map(f -> f.uid() + ":" + f.gid()).contains("0:0");
    }

    @Test
    void undoingTwiceIsUndoingOnce() throws IOException {
        var host = new LinuxHost(UndoList.at(list()));
        host.createDirectory(folder.resolve("mine"), 0755);
        var copy = Files.readString(list());

        new Undo(said::add).undo(list());
        Files.writeString(list(), copy);

        assertThat(new Undo(said::add).undo(list())).isTrue();
        assertThat(said.getLast()).isEqualTo("gone already: directory " + folder.resolve("mine"));
    }

    @Test
    void aListIsReadAgainByTheNextProgram() {
        var made = new UndoList.Entry(UndoList.Kind.USER, List.of("slapuser0", "/srv/slappart0"));
        UndoList.at(list()).willMake(List.of(made));

        var again = UndoList.at(list());
        assertThat(again.namesUser("slapuser0")).isTrue();
        assertThat(again.namesUser("slapuser1")).isFalse();
        again.willMake(List.of(made));
        assertThat(UndoList.read(list())).containsExactly(made);
    }

    @Test
    void aLastLineCutShortByACrashIsOfSomethingNeverMade() throws IOException {
        Files.writeString(list(), "directory\t" + folder.resolve("a") + "\ndirectory\t/");

        assertThat(UndoList.read(list())).hasSize(1);
    }

    @Test
    void aLineThatCannotBeUndoneIsNamedBeforeAnythingIsDone() throws IOException {
        var kept = Files.createDirectory(folder.resolve("kept"));
        Files.writeString(list(), "directory\t" + kept + "\nplanet\tearth\n");

        assertThatThrownBy(() -> new Undo(said::add).undo(list())).hasMessageContaining("line 2");
        assertThat(kept).exists();
    }

    @Test
    void whatCannotBeUndoneStaysInTheListAndTheRestIsDone() throws IOException {
        Files.writeString(list(), "directory\t" + folder.resolve("gone") + "\nuser\tdaemon\t/not/its/home\n");

        assertThat(new Undo(said::add).undo(list())).isFalse();

        assertThat(Files.readString(list())).isEqualTo("user\tdaemon\t/not/its/home\n");
        assertThat(said.getFirst()).contains("NOT undone").contains("not the one we made");
    }

    @Test
    void aDaemonEndsWithAllItStarted() throws IOException {
        var pidFile = folder.resolve("daemon.pid");
        var children = folder.resolve("children");
        var host = new LinuxHost(UndoList.at(list()));
        host.willStartDaemon(pidFile);
        host.run(Command.of("/bin/sh", "-c", """
                setsid sh -c 'echo $$ > "$0"; trap "" TERM; setsid sleep 1000 & echo $! > "$1"; while :; do sleep 1; done' \
                    "$0" "$1" >/dev/null 2>&1 &
                while [ ! -s "$1" ]; do sleep 0.05; done""", pidFile.toString(), children.toString())
                        .withEnvironment(Map.of("PATH", "/usr/bin:/bin")))
                .orThrow("start a daemon");
        long daemon = Long.parseLong(Files.readString(pidFile).strip());
        long child = Long.parseLong(Files.readString(children).strip());
        assertThat(ProcessTree.of(daemon)).isPresent();
        assertThat(ProcessTree.of(child)).isPresent();

        assertThat(new Undo(said::add, java.time.Duration.ofMillis(300)).undo(list()))
                .isTrue();

        assertThat(ProcessTree.of(daemon)).isEmpty();
        assertThat(ProcessTree.of(child)).isEmpty();
    }

    @Test
    void aNumberThatWasGivenToAnotherProcessIsLeftAlone() throws IOException {
        var pidFile = folder.resolve("daemon.pid");
        Files.writeString(pidFile, ProcessHandle.current().pid() + "\n");
        Files.setLastModifiedTime(pidFile, java.nio.file.attribute.FileTime.fromMillis(1_000_000_000_000L));
        Files.writeString(list(), "daemon\t" + pidFile + "\n", StandardOpenOption.CREATE);

        new Undo(said::add).undo(list());

        assertThat(said).containsExactly("gone already: daemon " + pidFile);
    }
}
