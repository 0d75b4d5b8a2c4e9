package org.slapos.node.software;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.ConfigurationReader;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.protocol.IniFile;
import org.slf4j.LoggerFactory;

class PruneSharedPartsTest {
    private static final String USED = "0123456789abcdef0123456789abcdef";
    private static final String UNUSED = "fedcba9876543210fedcba9876543210";
    private static final String OTHER = "aaaabbbbccccddddaaaabbbbccccdddd";

    @TempDir
    Path folder;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        logger().setLevel(Level.DEBUG);
        log.start();
        logger().addAppender(log);
    }

    @AfterEach
    void listenNoMore() {
        logger().detachAppender(log);
        logger().setLevel(null);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(PruneSharedParts.class);
    }

    private List<String> said(Level level) {
        return log.list.stream()
                .filter(event -> event.getLevel() == level)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @BeforeEach
    void lay() throws IOException {
        for (var name : List.of("software", "instance", "shared")) {
            Files.createDirectory(folder.resolve(name));
        }
    }

    private Set<Path> prune(boolean dryRun, Path... additional) {
        var configuration =
                ConfigurationReader.of(IniFile.parse("slapos.cfg", """
                [slapos]
                computer_id = COMP-1
                master_url = http://127.0.0.1:5000
                software_root = %s/software
                instance_root = %s/instance
                shared_part_list =
                  /nonexistent
                  %s/shared
                """.formatted(folder, folder, folder)), Map.of());
        return new PruneSharedParts(configuration, new LinuxHost(UndoList.none()), List.of(additional), dryRun).prune();
    }

    private Path part(String name, String hash, String signature) throws IOException {
        var part =
                Files.createDirectories(folder.resolve("shared").resolve(name).resolve(hash));
        Files.writeString(part.resolve(".buildout-shared.json"), signature);
        return part;
    }

    private void write(String name, String text) throws IOException {
        var file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    @Tag("checklist:PN-01")
    @Tag("checklist:PN-12")
    void whatIsUsedStaysAndWhatIsNotGoes() throws IOException {
        var used = part("zlib", USED, "itself " + USED);
        var unused = part("zlib", UNUSED, "itself " + UNUSED);
        write("software/x/.installed.cfg", "path = " + used);

        assertThat(prune(false)).containsExactly(unused);

        assertThat(used).exists();
        assertThat(unused).doesNotExist();
        assertThat(said(Level.WARN)).containsExactly(unused + " is used by nothing: deleted");
    }

    @Test
    @Tag("checklist:PN-02")
    void aDryRunSaysTheSameAndDeletesNothing() throws IOException {
        var unused = part("zlib", UNUSED, "");

        assertThat(prune(true)).containsExactly(unused);

        assertThat(unused).exists();
        assertThat(said(Level.WARN)).containsExactly(unused + " is used by nothing: it would be deleted");
    }

    @Test
    @Tag("checklist:PN-03")
    @Tag("checklist:PN-04")
    void partsOfPartsAreFollowed() throws IOException {
        var used = part("openssl", USED, "with zlib " + OTHER);
        var usedByUsed = part("zlib", OTHER, "");
        var unused = part("perl", UNUSED, "with bdb 11112222333344441111222233334444");
        var usedByUnused = part("bdb", "11112222333344441111222233334444", "");
        write("software/x/.installed.cfg", "path = " + used);

        assertThat(prune(true)).containsExactlyInAnyOrder(unused, usedByUnused);
        assertThat(prune(false)).containsExactlyInAnyOrder(unused, usedByUnused);

        assertThat(usedByUsed).exists();
    }

    @Test
    @Tag("checklist:PN-05")
    void scriptsCountAndBinariesDoNot() throws IOException {
        var used = part("zlib", USED, "");
        var unused = part("zlib", UNUSED, "");
        write("software/x/bin/script", "#!/bin/sh\nexec " + used + "/bin/x\n");
        var binary = new java.io.ByteArrayOutputStream();
        binary.writeBytes(new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        binary.writeBytes(UNUSED.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        Files.write(folder.resolve("software/x/bin/binary"), binary.toByteArray());

        assertThat(prune(false)).containsExactly(unused);

        assertThat(said(Level.DEBUG))
                .contains(folder.resolve("software/x/bin/binary") + " is no text, and passed over");
    }

    @Test
    @Tag("checklist:PN-06")
    @Tag("checklist:PN-07")
    @Tag("checklist:PN-08")
    @Tag("checklist:PN-09")
    void nodesInsideInstancesCountHoweverDeepAndBrokenOnesDoNoHarm() throws IOException {
        var one = part("zlib", USED, "");
        var two = part("zlib", OTHER, "");
        var unused = part("zlib", UNUSED, "");
        write("inner/software/x/.installed.cfg", "path = " + one);
        write("deeper/software/x/.installed.cfg", "path = " + two);
        var innerPart = folder.resolve("innershared/zlib/99998888777766669999888877776666");
        Files.createDirectories(innerPart);
        var three = part("bzip2", "11112222333344441111222233334444", "");
        Files.writeString(innerPart.resolve(".buildout-shared.json"), "with " + three);
        write("instance/part0/etc/slapos.cfg", "[slapos\nbroken");
        write("instance/part0/etc/other/slapos.cfg", "[nothing]\na = b\n");
        write("instance/part0/srv/slapos.cfg", """
                [slapos]
                software_root = %s/inner/software
                instance_root = %s/inner/instance
                shared_part_list = %s/innershared
                """.formatted(folder, folder, folder));
        // Overlaps with the node around it, and contains itself.
        write("inner/instance/part9/slapos.cfg", """
                [slapos]
                software_root = %s/deeper/software
                instance_root = %s/inner/instance
                """.formatted(folder, folder));

        assertThat(prune(false)).containsExactly(unused);

        assertThat(List.of(one, two, three)).allMatch(Files::exists);
        assertThat(innerPart).as("its own parts are its own business").exists();
        assertThat(said(Level.DEBUG))
                .anyMatch(line -> line.startsWith(folder.resolve("instance/part0/etc/slapos.cfg") + " is passed over"))
                .contains(folder.resolve("instance/part0/etc/other/slapos.cfg") + " describes no node");
    }

    @Test
    @Tag("checklist:PN-10")
    @Tag("checklist:PN-11")
    void softwareElsewhereCountsAndAMissingDirectoryIsNoError() throws IOException {
        var used = part("zlib", USED, "");
        var alsoUsed = part("zlib", OTHER, "");
        var unused = part("zlib", UNUSED, "");
        write("more/x/.installed.cfg", "path = " + used);
        write("evenmore/x/.installed.cfg", "path = " + alsoUsed);

        assertThat(prune(false, folder.resolve("more"), folder.resolve("gone"), folder.resolve("evenmore")))
                .containsExactly(unused);

        assertThat(said(Level.WARN))
                .contains("there is no directory " + folder.resolve("gone") + ": nothing is kept for it");
    }
}
