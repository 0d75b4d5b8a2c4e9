package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.software.SoftwareDirectory;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.RequestedState;

/// How long the content of a destroyed instance is kept. Time is the test's.
class RetentionTest {
    private static final Set<String> ALL = Set.of();
    private static final String DELAY = ".slapos-retention-lock-delay";
    private static final String DATE = ".slapos-retention-lock-date";

    private WorkingNode working;
    private TestNode node;
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private int timestamp;

    @BeforeEach
    void open() throws IOException {
        working = new WorkingNode(1);
        node = working.node;
        assertThat(node.once().software(ALL, false)).isEqualTo(OneShot.SUCCESS);
        node.reopen(Map.of(), () -> now);
    }

    @AfterEach
    void close() throws IOException {
        working.close();
    }

    private void want(RequestedState state, Map<String, String> filter) {
        var i = node.instance(0, working.release, state, Integer.toString(++timestamp), "one");
        node.master.promise(new InstanceInformation(
                i.computer(),
                i.partition(),
                i.guid(),
                i.title(),
                i.rootTitle(),
                i.rootShortTitle(),
                i.softwareRelease(),
                i.softwareType(),
                i.state(),
                i.parameters(),
                i.connection(),
                filter,
                i.addresses(),
                i.routedAddresses(),
                i.sharedInstances(),
                i.timestamp(),
                i.accessStatus()));
    }

    private void install(Map<String, String> filter) {
        want(RequestedState.STOPPED, filter);
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
    }

    private void report() {
        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);
    }

    private Path file(String name) {
        return node.partition(0).resolve(name);
    }

    private boolean isDestroyed() {
        return !node.master.calls("destroyedComputerPartition").isEmpty();
    }

    @Test
    @Tag("checklist:RT-01")
    @Tag("checklist:RT-04")
    @Tag("checklist:RT-05")
    @Tag("checklist:RT-06")
    @Tag("checklist:RT-07")
    void contentIsKeptForTheDaysThatWereAskedForAtFirst() throws IOException {
        install(Map.of("retention_delay", "1.5"));
        assertThat(file(DELAY)).hasContent("1.5");
        assertThat(file(DATE)).doesNotExist();

        want(RequestedState.DESTROYED, Map.of("retention_delay", "1.5"));
        report();
        var until = now.plus(Duration.ofHours(36)).getEpochSecond();
        assertThat(file(DATE)).hasContent(Long.toString(until));
        assertThat(file("page")).hasContent("one");
        assertThat(isDestroyed()).isFalse();

        now = now.plus(Duration.ofHours(35));
        report();
        now = now.plus(Duration.ofMinutes(59));
        report();
        assertThat(file(DATE)).hasContent(Long.toString(until));
        assertThat(file("page")).hasContent("one");
        assertThat(isDestroyed()).isFalse();

        now = now.plus(Duration.ofMinutes(1));
        report();
        assertThat(node.partition(0)).isDirectoryNotContaining(f -> !f.endsWith(".slapos-resource"));
        assertThat(isDestroyed()).isTrue();
    }

    @Test
    @Tag("checklist:RT-02")
    @Tag("checklist:UR-06")
    void whatNobodyAskedToKeepGoesAtOnceAndTheSoftwareStays() throws IOException {
        install(Map.of());
        assertThat(Double.valueOf(Files.readString(file(DELAY)))).isZero();
        var release = SoftwareDirectory.of(node.softwareRoot, working.release).path();

        want(RequestedState.DESTROYED, Map.of());
        report();

        assertThat(node.partition(0)).isDirectoryNotContaining(f -> !f.endsWith(".slapos-resource"));
        assertThat(isDestroyed()).isTrue();
        assertThat(release.resolve(".completed")).exists();
        assertThat(release.resolve("instance.cfg")).exists();
    }

    @Test
    @Tag("checklist:RT-03")
    void whatWasAskedForFirstStaysWhateverIsAskedForLater() throws IOException {
        install(Map.of("retention_delay", "2"));
        install(Map.of("retention_delay", "0"));
        install(Map.of());
        assertThat(Double.valueOf(Files.readString(file(DELAY)))).isEqualTo(2);

        want(RequestedState.DESTROYED, Map.of("retention_delay", "0"));
        report();
        install(Map.of("retention_delay", "7"));
        want(RequestedState.DESTROYED, Map.of("retention_delay", "0"));
        report();

        assertThat(Double.valueOf(Files.readString(file(DELAY)))).isEqualTo(2);
        assertThat(isDestroyed()).isFalse();
    }

    @Test
    @Tag("checklist:RT-08")
    void passesOverInstancesAndReportsKeepTheDelayOfTheFilter() {
        install(Map.of("retention_delay", "1"));
        want(RequestedState.DESTROYED, Map.of("retention_delay", "1"));

        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
        report();
        now = now.plus(Duration.ofHours(23));
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
        report();
        assertThat(file("page")).hasContent("one");

        now = now.plus(Duration.ofHours(1));
        report();
        assertThat(file("page")).doesNotExist();
        assertThat(isDestroyed()).isTrue();
    }
}
