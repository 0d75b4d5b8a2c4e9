package org.slapos.node.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.host.HostException;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;

class ComputerFileTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:20:00Z");

    @TempDir
    private Path folder = Path.of("");

    private ComputerFile file() {
        return new ComputerFile(folder.resolve("slapos.xml"), new LinuxHost(UndoList.none()));
    }

    private static ComputerConfiguration computer(String address) {
        return new ComputerConfiguration(
                new ComputerId("COMP-1"), address, "ffff:ffff:ffff:ffff::", Map.of("os_type", "[]"), List.of());
    }

    @Test
    void whatWasMadeIsReadBackAndOlderVersionsAreKept() throws IOException {
        assertThat(file().read()).isEmpty();
        file().write(computer("fd00::1"), NOW);
        file().write(computer("fd00::1"), NOW.plusSeconds(60));
        assertThat(folder.resolve("slapos.xml.zip")).as("nothing changed").doesNotExist();

        file().write(computer("fd00::2"), NOW.plusSeconds(120));
        file().write(computer("fd00::3"), NOW.plusSeconds(240));

        assertThat(file().read()).contains(computer("fd00::3"));
        assertThat(names()).hasSize(2).allMatch(name -> name.matches("slapos\\.xml\\.2026030[12]-\\d\\d:2\\d"));
    }

    @Test
    void aZipThatCannotBeReadIsMovedAside() throws IOException {
        file().write(computer("fd00::1"), NOW);
        Files.writeString(folder.resolve("slapos.xml.zip"), "no zip");

        file().write(computer("fd00::2"), NOW);

        assertThat(folder.resolve("slapos.xml.zip.unreadable")).hasContent("no zip");
        assertThat(names()).hasSize(1);
    }

    @Test
    void aFileThatCannotBeReadIsNamedAndNotReplaced() throws IOException {
        Files.writeString(folder.resolve("slapos.xml"), "<marshal>");

        assertThatThrownBy(() -> file().read())
                .isInstanceOf(HostException.class)
                .hasMessageContaining("slapos.xml")
                .hasMessageContaining("remove it to have addresses drawn again");
    }

    private List<String> names() throws IOException {
        try (var zip = new ZipFile(folder.resolve("slapos.xml.zip").toFile())) {
            var names = new ArrayList<String>();
            zip.stream().forEach(entry -> names.add(entry.getName()));
            return names;
        }
    }
}
