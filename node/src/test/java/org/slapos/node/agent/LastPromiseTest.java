package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.PartitionInformation;

class LastPromiseTest {
    private static final ComputerId COMPUTER = new ComputerId("COMP-1");
    private static final ComputerInformation PROMISE = new ComputerInformation(
            COMPUTER,
            List.of(new PartitionInformation(COMPUTER, new PartitionId("slappart0"), Optional.empty())),
            List.of());

    @TempDir
    private Path folder;

    @Test
    void whatWasKeptIsRecalledByItsComputerOnlyAndReadByNobodyElse() throws IOException {
        var last = keep();

        assertThat(last.recall(COMPUTER)).contains(PROMISE);
        assertThat(last.recall(new ComputerId("COMP-2"))).isEmpty();
        assertThat(Files.getPosixFilePermissions(file())).hasSize(2);
    }

    @Test
    void nothingIsRecalledOfADamagedFile() throws IOException {
        var last = keep();
        var whole = Files.readAllBytes(file());

        for (int length : new int[] {0, 10, 64, 65, whole.length - 1}) {
            Files.write(file(), java.util.Arrays.copyOf(whole, length));
            assertThat(last.recall(COMPUTER)).as("%d bytes", length).isEmpty();
        }
        whole[whole.length - 5] ^= 1;
        Files.write(file(), whole);
        assertThat(last.recall(COMPUTER)).isEmpty();
    }

    private LastPromise keep() throws IOException {
        Files.createDirectories(folder.resolve("var"));
        var last = new LastPromise(new LinuxHost(UndoList.none()), folder);
        last.keep(PROMISE);
        return last;
    }

    private Path file() {
        return folder.resolve("var/promise.xml");
    }
}
