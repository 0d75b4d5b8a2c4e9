package org.slapos.world.software;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecipeTest {
    @TempDir
    private Path folder;

    @Test
    void anArchiveIsUnpackedPatchedConfiguredAndInstalledAtItsLocation() throws Exception {
        Path source = Files.createDirectories(folder.resolve("tree/thing-1.0"));
        Files.writeString(source.resolve("message"), "before\n");
        Files.writeString(source.resolve("configure"), "#!/bin/sh\necho \"$1 $FLAVOUR\" > prefix\n");
        assertThat(source.resolve("configure").toFile().setExecutable(true)).isTrue();
        Files.writeString(source.resolve("Makefile"), """
                all:
                \tcat message prefix > thing
                install:
                \tcp thing $(WHERE)/thing
                """);
        Path archive = folder.resolve("thing-1.0.tar.xz");
        tar(archive);
        Path patch = folder.resolve("after.patch");
        Files.writeString(patch, "--- a/message\n+++ b/message\n@@ -1 +1 @@\n-before\n+after\n");

        Command run = buildout("""
                [buildout]
                parts = thing
                [thing]
                recipe = slapkit:cmmi
                sources = %s
                patches = %s
                configure = ./configure --prefix=@@LOCATION@@
                make-options = WHERE=@@LOCATION@@
                environment =
                  FLAVOUR = sweet and sour
                """.formatted(hashed(archive), hashed(patch)));

        assertThat(run.exitStatus()).as(run.output()).isZero();
        assertThat(folder.resolve("parts/thing/thing"))
                .hasContent("after\n--prefix=" + folder.resolve("parts/thing") + " sweet and sour\n");
    }

    @Test
    void aPartThatReleasesShareIsBuiltOnce() throws Exception {
        Path makefile = folder.resolve("Makefile");
        Files.writeString(
                makefile,
                "all:\ninstall:\n\techo built >> " + folder
                        + "/count\n\tmkdir -p $(PREFIX)\n\techo $(FLAVOUR) > $(PREFIX)/made\n");
        String profile = """
                [buildout]
                parts = thing
                directory = %s
                shared-part-list =
                  %s
                  %s
                [thing]
                recipe = slapkit:cmmi
                shared = true
                sources = %s
                make-options = PREFIX=@@LOCATION@@ FLAVOUR=%s
                """;
        Path pool = folder.resolve("pool");
        Path own = folder.resolve("own");
        for (var release : List.of("one sweet", "two sweet", "one sweet", "two sour")) {
            var words = release.split(" ", -1);
            Files.createDirectories(folder.resolve(words[0]));
            Command run = buildout(profile.formatted(folder.resolve(words[0]), pool, own, hashed(makefile), words[1]));
            assertThat(run.exitStatus()).as(run.output()).isZero();
            assertThat(folder.resolve(words[0]).resolve("parts/thing")).doesNotExist();
        }

        assertThat(folder.resolve("count")).hasContent("built\nbuilt");
        assertThat(pool).doesNotExist();
        var parts = java.util.Arrays.stream(java.util.Objects.requireNonNull(
                        own.resolve("thing").toFile().listFiles()))
                .filter(java.io.File::isDirectory)
                .map(java.io.File::toPath)
                .toList();
        assertThat(parts).hasSize(2).allSatisfy(part -> {
            assertThat(part.resolve(".buildout-shared.json")).content().contains("FLAVOUR");
            assertThat(part.getFileName().toString()).matches("[0-9a-f]{32}");
        });
        assertThat(parts).anySatisfy(part -> assertThat(part.resolve("made")).hasContent("sweet"));

        // What was not finished is made again; what another machine made is used from its pool.
        for (var part : parts) {
            Files.delete(part.resolve(".buildout-shared.json"));
        }
        assertThat(buildout(profile.formatted(folder.resolve("one"), pool, own, hashed(makefile), "sweet"))
                        .exitStatus())
                .isZero();
        assertThat(folder.resolve("count")).hasContent("built\nbuilt\nbuilt");
        Files.move(own, pool);
        Files.createDirectories(folder.resolve("three"));
        assertThat(buildout(profile.formatted(folder.resolve("three"), pool, own, hashed(makefile), "sweet"))
                        .exitStatus())
                .isZero();
        assertThat(folder.resolve("count")).hasContent("built\nbuilt\nbuilt");
        assertThat(own).doesNotExist();
    }

    @Test
    void aBuildThatFailsSaysWhichStepAndLeavesNothing() throws Exception {
        Path makefile = folder.resolve("Makefile");
        Files.writeString(makefile, "all:\n\t@echo the compiler complains; exit 3\n");

        Command run = buildout("""
                [buildout]
                parts = thing
                [thing]
                recipe = slapkit:cmmi
                sources = %s
                """.formatted(hashed(makefile)));

        assertThat(run.exitStatus()).isNotZero();
        assertThat(run.output()).contains("the compiler complains", "thing: `make ", "ended with status 2");
        assertThat(folder.resolve("parts/thing")).doesNotExist();
        assertThat(folder.resolve(".build-thing")).doesNotExist();
    }

    @Test
    void aSourceWithoutHashIsRefused() {
        Command run = buildout("""
                [buildout]
                parts = thing
                [thing]
                recipe = slapkit:download
                url = http://127.0.0.1:1/thing
                """);

        assertThat(run.exitStatus()).isNotZero();
        assertThat(run.output()).contains("thing: http://127.0.0.1:1/thing carries no SHA-256");
    }

    @Test
    void aServerThatIsNotThereIsNamed() {
        Command run = buildout("""
                [buildout]
                parts = thing
                [thing]
                recipe = slapkit:download
                url = http://127.0.0.1:1/thing#%s
                """.formatted("0".repeat(64)));

        assertThat(run.exitStatus()).isNotZero();
        assertThat(run.output()).contains("http://127.0.0.1:1/thing cannot be fetched", "Connection refused");
    }

    @Test
    void promisesCheckPortsAndCommandsAndSayItInOneLine() throws Exception {
        try (var open = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Command run = buildout("""
                    [buildout]
                    parts = port good bad slow
                    [port]
                    recipe = slapkit:promise
                    output = ${buildout:directory}/port
                    check = tcp
                    host = 127.0.0.1
                    port = %d
                    [good]
                    recipe = slapkit:promise
                    output = ${buildout:directory}/good
                    check = exec
                    command =
                      /bin/echo
                      all is "well"
                    [bad]
                    recipe = slapkit:promise
                    output = ${buildout:directory}/bad
                    check = exec
                    command =
                      /bin/sh
                      -c
                      echo first; echo second; exit 4
                    [slow]
                    recipe = slapkit:promise
                    output = ${buildout:directory}/slow
                    check = exec
                    timeout = 1
                    command =
                      /bin/sleep
                      60
                    """.formatted(open.getLocalPort()));
            assertThat(run.exitStatus()).as(run.output()).isZero();

            assertThat(promise("port"))
                    .isEqualTo(new Command(0, "127.0.0.1 port " + open.getLocalPort() + " accepts connections\n"));
        }
        assertThat(promise("port").exitStatus()).isEqualTo(1);
        assertThat(promise("good")).isEqualTo(new Command(0, "all is \"well\"\n"));
        assertThat(promise("bad")).isEqualTo(new Command(1, "/bin/sh ended with status 4: first second\n"));
        assertThat(promise("slow")).isEqualTo(new Command(1, "/bin/sleep did not end within 1 s\n"));
    }

    private Command promise(String name) {
        return Command.run(folder, List.of(folder.resolve(name).toString()));
    }

    private Command buildout(String profile) {
        try {
            Files.writeString(folder.resolve("buildout.cfg"), profile);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        String program = Command.home().resolve("runtime/bin/buildout").toString();
        return Command.run(folder, Map.of("HOME", folder.toString()), List.of(program, "-U", "-N"));
    }

    private void tar(Path archive) {
        Command tar = Command.run(
                folder,
                List.of(
                        "/usr/bin/tar",
                        "-cJf",
                        archive.toString(),
                        "-C",
                        folder.resolve("tree").toString(),
                        "thing-1.0"));
        assertThat(tar.exitStatus()).as(tar.output()).isZero();
    }

    private static String hashed(Path file) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        return file + "#" + HexFormat.of().formatHex(digest);
    }
}
