package org.slapos.node.software;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.buildout.Buildout;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareInformation;
import org.slapos.protocol.SoftwareState;

class RetireSoftwareTest {
    private static final ComputerId COMPUTER = new ComputerId("COMP-1");
    private static final String OLD = "https://soft.example/old.cfg";
    private static final String NEW = "https://soft.example/new.cfg";

    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-03-01T00:00:00Z");

    @BeforeEach
    void lay() throws IOException {
        for (var name : List.of("software", "instance", "shared")) {
            Files.createDirectory(folder.resolve(name));
        }
    }

    private List<Path> retire(int days, List<String> wanted, List<String> used) {
        var configuration = ConfigurationReader.of(
                IniFile.parse("slapos.cfg", """
                [slapos]
                computer_id = COMP-1
                master_url = http://127.0.0.1:5000
                software_root = %s/software
                instance_root = %s/instance
                shared_part_list = %s/shared
                software_retention_days = %d
                runtime = %s/runtime
                """.formatted(
                                folder,
                                folder,
                                folder,
                                days,
                                Path.of(System.getProperty("slapos.home")).toAbsolutePath())),
                Map.of());
        var host = new LinuxHost(UndoList.none());
        var promised = new ComputerInformation(
                COMPUTER,
                used.stream().map(RetireSoftwareTest::partition).toList(),
                wanted.stream()
                        .map(url -> new SoftwareInformation(url, SoftwareState.AVAILABLE))
                        .toList());
        try (var buildout = new Buildout(
                host, configuration.runtime(), Optional.empty(), folder.resolve("instance"), configuration.work())) {
            return new RetireSoftware(configuration, host, buildout, () -> now).pass(promised);
        }
    }

    private static PartitionInformation partition(String release) {
        var id = new PartitionId("part0");
        return new PartitionInformation(
                COMPUTER,
                id,
                Optional.of(new InstanceInformation(
                        COMPUTER,
                        id,
                        "SOFTINST-1",
                        "blog",
                        "blog",
                        "",
                        release,
                        "default",
                        RequestedState.STARTED,
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        "1",
                        "")));
    }

    private Path release(String url) throws IOException {
        var directory = Files.createDirectories(
                SoftwareDirectory.of(folder.resolve("software"), url).path().resolve("extends-cache"));
        Files.writeString(directory.resolve("0123"), "a profile");
        var release = directory.resolveSibling("").normalize();
        Files.writeString(release.resolve("buildout.cfg"), "[buildout]\n");
        Files.writeString(release.resolve(".completed"), SoftwareDirectory.completionText(now, "x"));
        return release;
    }

    @Test
    void aReleaseGoesWhenNobodyUsedItForTheWholeTimeAndTakesItsSharedPartsAlong() throws IOException {
        var old = release(OLD);
        var kept = release(NEW);
        var part = Files.createDirectories(folder.resolve("shared/zlib/0123456789abcdef0123456789abcdef"));
        Files.writeString(part.resolve(".buildout-shared.json"), "{}");
        Files.writeString(old.resolve(".installed.cfg"), "path = " + part);

        assertThat(retire(30, List.of(NEW), List.of())).isEmpty();
        now = now.plus(Duration.ofDays(29));
        assertThat(retire(30, List.of(NEW), List.of())).isEmpty();
        assertThat(part).exists();
        now = now.plus(Duration.ofDays(1));
        assertThat(retire(30, List.of(NEW), List.of())).containsExactly(old);

        assertThat(old).doesNotExist();
        assertThat(part).doesNotExist();
        assertThat(kept.resolve("buildout.cfg")).exists();
        assertThat(folder.resolve("instance/var/unwanted")).isEmptyDirectory();
    }

    @Test
    void whatIsWantedAgainOrUsedByAnInstanceBeginsAnew() throws IOException {
        var old = release(OLD);
        retire(30, List.of(), List.of());
        now = now.plus(Duration.ofDays(29));
        retire(30, List.of(), List.of(OLD));
        now = now.plus(Duration.ofDays(5));
        assertThat(retire(30, List.of(), List.of())).isEmpty();
        assertThat(old).exists();
    }

    @Test
    void profilesThatWereFetchedGoAndTheReleaseStays() throws IOException {
        var release = release(NEW);
        now = now.plus(Duration.ofDays(29));
        retire(30, List.of(NEW), List.of());
        assertThat(release.resolve("extends-cache/0123")).exists();
        now = now.plus(Duration.ofDays(2));
        retire(30, List.of(NEW), List.of());
        assertThat(release.resolve("extends-cache")).isEmptyDirectory();
        assertThat(release.resolve(".completed")).exists();
    }

    @Test
    void nothingGoesUnlessATimeIsSet() throws IOException {
        var old = release(OLD);
        Files.createDirectory(folder.resolve("software/data"));
        retire(0, List.of(), List.of());
        now = now.plus(Duration.ofDays(1000));
        assertThat(retire(0, List.of(), List.of())).isEmpty();
        assertThat(old.resolve("extends-cache/0123")).exists();
    }
}
