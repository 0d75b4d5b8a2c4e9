package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.supervisor.ProcessStatus;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// The report pass: what instances say of their own use, and what they do before they are destroyed.
class ReportTest {
    private static final Set<String> ALL = Set.of();

    private TestNode node;
    private InstanceInformation instance;

    @BeforeEach
    void open() throws IOException {
        node = new TestNode(1);
        var url = node.profile("empty/software.cfg", """
                [buildout]
                parts = profile
                [profile]
                recipe = slapkit:template
                output = ${buildout:directory}/instance.cfg
                inline =
                  [buildout]
                  parts =
                """);
        node.master.supply(url, SoftwareState.AVAILABLE);
        assertThat(node.once().software(ALL, false)).isEqualTo(OneShot.SUCCESS);
        instance = node.instance(0, url, RequestedState.STARTED, "1", "a");
        node.master.promise(instance);
        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
        node.master.calls.clear();
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    private Path script(String name, String text) throws IOException {
        var file = node.partition(0).resolve(name);
        for (var folder : List.of(
                node.partition(0).resolve("etc"),
                node.partition(0).resolve(name).resolveSibling("."))) {
            Files.createDirectories(folder);
            own(folder.normalize(), 0750);
        }
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        own(file, 0755);
        return file;
    }

    private void own(Path path, int mode) {
        if (node.host.isRoot()) {
            var owner = node.host.owner(node.partition(0)).orElseThrow();
            node.host.setOwner(path, owner.uid(), owner.gid());
        }
        node.host.setMode(path, mode);
    }

    private void destroyed() {
        node.master.promise(node.instance(0, instance.softwareRelease(), RequestedState.DESTROYED, "2", "a"));
    }

    private boolean runs(String group, String name) {
        return node.rooms.supervisor().processes().stream()
                .anyMatch(p ->
                        p.group().equals(group) && p.name().equals(name) && p.state() == ProcessStatus.State.RUNNING);
    }

    private static String contentOf(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(String what, BooleanSupplier holds) {
        var end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting: " + what).isLessThan(end);
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    @Tag("checklist:PR-01")
    @Tag("checklist:PR-02")
    @Tag("checklist:PR-04")
    @Tag("checklist:PR-05")
    void destructionWaitsForTheScriptsOfTheInstance() throws IOException {
        script("etc/prerm/farewell", "id -u; id -g; while [ ! -e let-go ]; do sleep 0.1; done; echo over; sleep 0.3");
        destroyed();

        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);
        await("it runs", () -> runs("part0-prerm", "farewell"));
        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);

        assertThat(runs("part0-prerm", "farewell")).isTrue();
        assertThat(node.partition(0).resolve(".slapos-report-wait-service-list"))
                .hasContent("part0-prerm:farewell\n");
        assertThat(node.instanceRoot.resolve("etc/supervisord.conf.d/part0-prerm.conf"))
                .exists();
        assertThat(node.instanceRoot.resolve("etc/supervisord.conf.d/part0.conf"))
                .doesNotExist();
        assertThat(node.master.methods()).doesNotContain("destroyedComputerPartition");
        var log = node.host.isRoot()
                ? node.instanceRoot.resolve("var/partition-log/part0/.part0-prerm_farewell.log")
                : node.partition(0).resolve(".part0-prerm_farewell.log");
        var owner = node.host.owner(node.partition(0)).orElseThrow();
        await("it wrote who it is", () -> contentOf(log).equals(owner.uid() + "\n" + owner.gid() + "\n"));

        Files.createFile(node.partition(0).resolve("let-go"));
        await(
                "it ended",
                () -> node.rooms.supervisor().processes().stream()
                        .anyMatch(p -> p.name().equals("farewell") && p.state() == ProcessStatus.State.EXITED));
        await("its last word", () -> contentOf(log).equals(owner.uid() + "\n" + owner.gid() + "\nover\n"));
        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);

        assertThat(node.partition(0)).isDirectoryNotContaining(f -> !f.endsWith(".slapos-resource"));
        assertThat(node.master.methods()).contains("destroyedComputerPartition");
        assertThat(node.rooms.supervisor().processes()).isEmpty();
        assertThat(node.instanceRoot.resolve("etc/supervisord.conf.d")).isEmptyDirectory();
    }

    @Test
    @Tag("checklist:PR-03")
    void scriptsWaitForTheEndOfTheRetention() throws IOException {
        script("etc/prerm/farewell", "touch was-here; sleep 0.2");
        Files.writeString(node.partition(0).resolve(".slapos-retention-lock-delay"), "1");
        destroyed();

        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);
        assertThat(node.rooms.supervisor().processes()).isEmpty();

        Files.writeString(node.partition(0).resolve(".slapos-retention-lock-date"), "1000");
        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);
        await("it was here", () -> Files.exists(node.partition(0).resolve("was-here")));
        assertThat(node.master.methods()).doesNotContain("destroyedComputerPartition");
        await(
                "it ended",
                () -> node.rooms.supervisor().processes().stream()
                        .allMatch(p -> p.state() == ProcessStatus.State.EXITED));
        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);

        assertThat(node.master.methods()).contains("destroyedComputerPartition");
    }

    @Test
    void whatInstancesReportOfTheirUseIsSentAsOneReportAndDeletedThen() throws IOException {
        script("etc/report/traffic", """
                cat > "$1" <<END
                <?xml version='1.0' encoding='utf-8'?>
                <consumption><movement><resource>service_module/traffic</resource><title>Traffic</title>
                <reference>mine</reference><quantity>42.5</quantity><price>0.0</price><VAT/><category/></movement></consumption>
                END""");
        script("etc/report/broken", "echo no such meter; exit 4");
        node.master.answer("useComputer", 503);

        try {
            node.once().report();
        } catch (org.slapos.protocol.client.SlapException _) {
            // the Master is away; nothing is lost
        }
        node.master.answer("useComputer", 200);
        node.rooms.usage().send(node.rooms.master(), node.configuration.computerId());

        assertThat(node.master.calls("useComputer"))
                .extracting(call -> call.form().required("use_string"))
                .anyMatch(text -> text.contains("<title>Resource consumptions</title>")
                        && text.contains("<reference>part0</reference>")
                        && text.contains("<quantity>42.5</quantity>"));
        assertThat(node.master.calls("softwareInstanceError").getFirst().form().required("error_log"))
                .contains("broken", "status 4", "no such meter");
        assertThat(node.partition(0).resolve("var/xml_report")).isEmptyDirectory();
    }

    @Test
    void aReportThatCannotBeReadStaysWhereItIs() throws IOException {
        script("etc/report/nonsense", "echo nonsense > \"$1\"");

        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);

        assertThat(node.partition(0).resolve("var/xml_report")).isNotEmptyDirectory();
        assertThat(node.master.calls("useComputer"))
                .noneMatch(call -> call.form().required("use_string").contains("nonsense"));
    }

    @Test
    @Tag("checklist:UR-03")
    void aStartedPartitionIsLeftAlone() throws IOException {
        var before = files();
        node.master.asked.clear();

        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);

        assertThat(node.master.asked)
                .as("nothing is said of it")
                .isSubsetOf("getFullComputerInformation", "useComputer")
                .startsWith("getFullComputerInformation");
        assertThat(files()).isEqualTo(before);
    }

    /// What the partition holds, and when each was written.
    private Map<Path, FileTime> files() throws IOException {
        var found = new TreeMap<Path, FileTime>();
        try (Stream<Path> all = Files.walk(node.partition(0))) {
            for (var file : all.toList()) {
                found.put(file, Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS));
            }
        }
        return found;
    }

    @Test
    @Tag("checklist:UR-02")
    @Tag("checklist:UR-07")
    void whatCannotBeWrittenGoesTooAndWhatIsEmptyIsReported() throws IOException {
        var folder = Files.createDirectory(node.partition(0).resolve("sealed"));
        Files.writeString(folder.resolve("file"), "x");
        own(folder.resolve("file"), 0400);
        own(folder, 0500);
        destroyed();

        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);
        assertThat(node.partition(0)).isDirectoryNotContaining(f -> !f.endsWith(".slapos-resource"));

        node.master.calls.clear();
        node.master.promise(node.instance(0, instance.softwareRelease(), RequestedState.DESTROYED, "3", "a"));
        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);
        assertThat(node.master.methods()).containsSubsequence("stoppedComputerPartition", "destroyedComputerPartition");
    }

    @Test
    @Tag("checklist:UR-04")
    @Tag("checklist:UR-05")
    void aFreePartitionIsIgnored() {
        node.master.free(instance.partition());

        assertThat(node.once().instances(ALL, false)).isEqualTo(OneShot.SUCCESS);
        assertThat(node.once().report()).isEqualTo(OneShot.SUCCESS);

        assertThat(node.master.calls).noneMatch(call -> call.partition().equals("part0"));
    }
}
