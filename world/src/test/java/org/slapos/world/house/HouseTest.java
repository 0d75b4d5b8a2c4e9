package org.slapos.world.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.RecordAttribute;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every arrow between rooms points down.
class HouseTest {
    /// The table of the house. In each module the roof comes first; a room may use the rooms on all floors below its
    /// own.
    private static final HousePlan HOUSE = HousePlan.builder()
            .ground("protocol")
            .front(
                    "master",
                    Set.of("Problem"),
                    List.of(
                            Set.of(
                                    "slaptool",
                                    "jsonrpc",
                                    "hateoas",
                                    "portal",
                                    "registration",
                                    "account",
                                    "catalogue",
                                    "health",
                                    "proxy"),
                            // Who may call what, the same by every door.
                            Set.of("http", "access"),
                            Set.of("ticket"),
                            // Watches the life of instances, in the transaction of a node's report.
                            Set.of("billing"),
                            Set.of("instance"),
                            Set.of("allocation"),
                            // A SoftwareRelease is installed on a Computer.
                            Set.of("software"),
                            Set.of("computer"),
                            Set.of("party"),
                            Set.of("ledger", "pki", "mail"),
                            // Who changed what, and what follows from it, told by every room above.
                            Set.of("audit", "work"),
                            Set.of("db")))
            // The server knows who is calling, and no trade.
            .only("master", "http", "party", "audit", "db")
            // A Master for one user, with rules and a state of its own.
            .only("master", "proxy", "http", "party")
            .front(
                    "node",
                    Set.of("NodeConfiguration", "ConfigurationReader", "ConfigurationKeys", "ConfigurationException"),
                    List.of(
                            Set.of("verbs"),
                            Set.of("agent", "doctor"),
                            Set.of("format", "register", "instance"),
                            // An instance is made from installed software.
                            Set.of("software"),
                            Set.of("promise", "usage"),
                            // Runs Buildout, for software and for instances.
                            Set.of("buildout"),
                            Set.of("supervisor"),
                            Set.of("host")))
            .front("cli", Set.of(), List.of(Set.of("console", "demo"), Set.of("verbs"), Set.of("profile")))
            .build();

    @Test
    void everyArrowPointsDown() throws IOException {
        var classes = new ArrayList<CompiledClass>();
        for (var module : List.of("protocol", "master", "node", "cli")) {
            classes.addAll(classesOf(module));
        }
        assertThat(classes).hasSizeGreaterThan(30);
        assertThat(new HouseRules(HOUSE).findings(classes)).isEmpty();
    }

    @Test
    void aWrongArrowIsNamedWithItsClass(@TempDir Path folder) throws IOException {
        write(folder, "org.slapos.master.allocation.Plan", "org.slapos.master.instance.InstanceTree");
        write(folder, "org.slapos.master.instance.InstanceTree", "org.slapos.master.allocation.Plan");
        assertThat(new HouseRules(HOUSE).findings(CompiledClass.below(folder)))
                .singleElement()
                .asString()
                .startsWith("org.slapos.master.allocation.Plan -> org.slapos.master.instance.InstanceTree: "
                        + "master.allocation may not use master.instance");
    }

    @Test
    void frontsNeverImportEachOther(@TempDir Path folder) throws IOException {
        write(folder, "org.slapos.node.agent.Agent", "org.slapos.master.Problem");
        write(folder, "org.slapos.cli.verbs.Request", "org.slapos.node.host.Host");
        write(folder, "org.slapos.protocol.Form", "org.slapos.cli.verbs.Request");
        assertThat(new HouseRules(HOUSE).findings(CompiledClass.below(folder))).hasSize(3);
    }

    @Test
    void aRoomThatIsNotInTheTableIsRefused(@TempDir Path folder) throws IOException {
        write(folder, "org.slapos.master.util.Strings", "java.lang.Object");
        assertThat(new HouseRules(HOUSE).findings(CompiledClass.below(folder)))
                .hasSize(2)
                .anySatisfy(it -> assertThat(it).contains("a package named 'util' says nothing"))
                .anySatisfy(it -> assertThat(it).contains("the table does not know"));
    }

    @Test
    void aRecordNeverTouchesTheDatabase(@TempDir Path folder) throws IOException {
        var name = ClassDesc.of("org.slapos.master.instance.InstanceTree");
        var bytes = ClassFile.of()
                .build(
                        name,
                        it -> it.with(RecordAttribute.of())
                                .withField("rows", ClassDesc.of("java.sql.ResultSet"), ClassFile.ACC_PRIVATE));
        store(folder, name, bytes);
        assertThat(new HouseRules(HOUSE).findings(CompiledClass.below(folder)))
                .singleElement()
                .asString()
                .contains("InstanceTree -> java.sql.ResultSet: records");
    }

    private static List<CompiledClass> classesOf(String module) throws IOException {
        var folder = Path.of(System.getProperty("basedir", "."), "..", module).normalize();
        var classes = folder.resolve("target/classes");
        if (Files.isDirectory(classes)) {
            return CompiledClass.below(classes);
        }
        if (Files.isDirectory(folder.resolve("src/main/java"))) {
            fail(classes + " is missing: build all modules, then run this test (mvn -pl world -am verify).");
        }
        return List.of();
    }

    /// A class with one field.
    private static void write(Path folder, String name, String fieldType) throws IOException {
        var type = ClassDesc.of(name);
        store(
                folder,
                type,
                ClassFile.of()
                        .build(type, it -> it.withField("field", ClassDesc.of(fieldType), ClassFile.ACC_PRIVATE)));
    }

    private static void store(Path folder, ClassDesc type, byte[] bytes) throws IOException {
        var file = folder.resolve(type.packageName().replace('.', '/'), type.displayName() + ".class");
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }
}
