package org.slapos.node.buildout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.node.host.HostException;

/// A profile run by the warm Buildout is as one run by a Buildout of its own, and tenants know nothing of each other.
class WarmBuildoutTest {
    private static final String PROFILE = """
            [buildout]
            parts = directory page server promise publish
            offline = true
            [directory]
            recipe = slapkit:directory
            service = ${buildout:directory}/etc/service
            promise = ${buildout:directory}/etc/promise
            [page]
            recipe = slapkit:template
            inline = %s
            output = ${buildout:directory}/page
            [server]
            recipe = slapkit:wrapper
            output = ${directory:service}/server
            command =
              /bin/sleep
              1000
            restart-on = ${page:digest}
            [promise]
            recipe = slapkit:promise
            output = ${directory:promise}/page
            check = exec
            command = /bin/true
            [publish]
            recipe = slapkit:publish
            url = http://[::1]/
            """;
    private static final String OF_ITS_OWN = """
            [buildout]
            parts = own
            offline = true
            [own]
            recipe = own
            """;

    /// Whether a text is part of another one that Python knows of.
    private static final String FOUND_IN_MEMORY = """
            import gc
            def found(told):
                for thing in gc.get_objects():
                    if isinstance(thing, (dict, list, tuple, set)):
                        for text in list(thing.values() if isinstance(thing, dict) else thing):
                            if isinstance(text, (str, bytes)) and text is not told and told in str(text):
                                return True
                return False
            """;

    private Workshop workshop;

    @BeforeEach
    void open() throws IOException {
        workshop = new Workshop(true);
    }

    @AfterEach
    void close() throws IOException {
        workshop.close();
    }

    @Test
    void warmAndColdMakeTheSameFilesAndSayTheSame() throws IOException {
        var partition = workshop.partition("part0", PROFILE.formatted("one"));
        var deeds = List.of(
                PROFILE.formatted("one"),
                PROFILE.formatted("one"),
                PROFILE.formatted("two"),
                PROFILE.formatted("two").replace("parts = directory page server", "parts = directory page"),
                PROFILE.formatted("three").replace("recipe = slapkit:publish", "recipe = slapkit:nonsense"));

        var cold =
                deeds.stream().map(profile -> deed(partition, profile, false)).toList();
        workshop.host.deleteTree(partition, true);
        var warm = deeds.stream().map(profile -> deed(partition, profile, true)).toList();

        assertThat(warm).isEqualTo(cold);
        assertThat(cold.getFirst()).contains("Installing server").contains(".installed.cfg");
        assertThat(cold.getLast()).contains("nonsense").startsWith("status 1");
        assertThat(workshop.servers()).as("the warm ones were warm").isNotEmpty();
    }

    private String deed(Path partition, String profile, boolean warm) {
        try {
            workshop.profile(partition, profile);
            workshop.own(partition);
            var result = warm ? workshop.warm(partition) : workshop.cold(partition);
            return "status " + result.status() + "\n" + result.output() + "\n" + workshop.state(partition);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    @Tag("checklist:CP-04")
    void runIsTheTenantsAloneAndKnowsNothingOfTheOneBefore() throws IOException {
        assumeTrue(workshop.host.isRoot());
        var first = ownRecipe("first", FOUND_IN_MEMORY + """
                import zc.buildout.buildout, slapkit.files, sys, os
                zc.buildout.buildout.polluted = slapkit.files.polluted = True
                sys.path.append("/polluted")
                os.environ["POLLUTED"] = os.environ["TOLD"]
                kept = ["the secret is " + os.environ["TOLD"]]
                print(kept[0], found("".join(reversed("tsrif-fo-terc3s"))))
                """);
        var second = ownRecipe("second", FOUND_IN_MEMORY + """
                import json, os, sys, zc.buildout.buildout, slapkit.files
                told = "".join(reversed("tsrif-fo-terc3s"))
                def is_root(act):
                    try:
                        act()
                        return True
                    except OSError:
                        return False
                status = dict(line.split(":", 1) for line in open("/proc/self/status"))
                fds = {fd: os.readlink("/proc/self/fd/" + fd) for fd in os.listdir("/proc/self/fd")
                       if os.path.exists("/proc/self/fd/" + fd)}
                json.dump({
                    "polluted": [hasattr(zc.buildout.buildout, "polluted"), hasattr(slapkit.files, "polluted"),
                                 "/polluted" in sys.path, "POLLUTED" in os.environ],
                    "secret": found(told),
                    "ids": [os.getresuid(), os.getresgid(), os.getgroups()],
                    "privileges": [status["NoNewPrivs"].strip(), status["CapEff"].strip(), status["CapPrm"].strip()],
                    "root": [is_root(lambda: os.setuid(0)), is_root(lambda: os.setgroups([0])),
                             is_root(lambda: os.kill(os.getppid(), 0)),
                             is_root(lambda: os.listdir(os.path.join(%s, "var/run/buildout")))],
                    "fds": sorted(value for fd, value in fds.items() if int(fd) > 2),
                    "input": fds["0"], "directory": os.getcwd(), "home": os.environ["HOME"],
                }, open("seen.json", "w"))
                """.formatted("'" + workshop.folder + "'"));

        var before = workshop.buildout.runWarm(
                workshop.run(first, Duration.ofSeconds(60), Map.of("TOLD", "s3cret-of-first")));
        assertThat(before.output()).contains("the secret is s3cret-of-first True");
        var after = workshop.warm(second);

        assertThat(after.status()).as(after.output()).isZero();
        var seen = new ObjectMapper().readTree(second.resolve("seen.json").toFile());
        int uid = workshop.owner(second).uid();
        assertThat(seen.path("polluted").toString()).isEqualTo("[false,false,false,false]");
        assertThat(seen.path("secret").asBoolean()).isFalse();
        assertThat(seen.path("ids").toString()).isEqualTo("[[%1$d,%1$d,%1$d],[%1$d,%1$d,%1$d],[%1$d]]".formatted(uid));
        assertThat(seen.path("privileges").toString()).isEqualTo("[\"1\",\"0000000000000000\",\"0000000000000000\"]");
        assertThat(seen.path("root").toString()).isEqualTo("[false,false,false,false]");
        // The file it writes, and the folder it lists.
        assertThat(seen.path("fds"))
                .allMatch(fd ->
                        fd.asText().startsWith(second.toString()) || fd.asText().startsWith("/proc/"));
        assertThat(seen.path("input").asText()).isEqualTo("/dev/null");
        assertThat(seen.path("directory").asText()).isEqualTo(second.toString());
        assertThat(seen.path("home").asText()).isEqualTo(second.toString());
    }

    @Test
    void allThatARunStartedEndsAtItsDeadlineAndItsOutputIsKept() throws Exception {
        var partition = ownRecipe("part0", """
                import subprocess, sys
                print("it begins", flush=True)
                subprocess.Popen(["setsid", "sh", "-c", "trap '' TERM; sleep 597 & sleep 597"])
                subprocess.run(["sleep", "597"])
                """);

        var result = workshop.buildout.runWarm(workshop.run(partition, Duration.ofSeconds(2), Map.of()));

        assertThat(result.timedOut()).isTrue();
        assertThat(result.output()).contains("it begins");
        await(() -> sleepers(partition) == 0);
    }

    @Test
    void allThatARunStartedEndsWhenWhoeverAskedIsInterrupted() throws Exception {
        var partition = ownRecipe("part0", "import subprocess\nsubprocess.run(['sleep', '597'])\n");
        var failure = new AtomicReference<Throwable>();
        var asking = Thread.ofPlatform().start(() -> {
            try {
                workshop.warm(partition);
            } catch (HostException e) {
                failure.set(e);
            }
        });
        await(() -> sleepers(partition) == 1);

        asking.interrupt();
        asking.join();

        assertThat(failure.get()).hasMessageContaining("interrupted");
        await(() -> sleepers(partition) == 0);
        ownRecipe(partition, "");
        assertThat(workshop.warm(partition).status())
                .as("the next run is not kept out")
                .isZero();
    }

    @Test
    void serverThatWasKilledIsReplaced() throws Exception {
        var partition = workshop.partition("part0", PROFILE.formatted("one"));
        assertThat(workshop.warm(partition).ok()).isTrue();
        var first = workshop.servers().getFirst();
        first.destroyForcibly();
        first.onExit().get();

        assertThat(workshop.warm(partition).ok()).isTrue();

        assertThat(workshop.servers()).hasSize(1).doesNotContain(first);
    }

    @Test
    void profileIsRunWithoutTheServerWhenItCannotStart() throws IOException {
        Files.delete(workshop.folder.resolve("runtime/bin/buildout-server"));
        var partition = workshop.partition("part0", PROFILE.formatted("one"));

        assertThat(workshop.warm(partition).ok()).isTrue();

        assertThat(partition.resolve("page")).hasContent("one");
        assertThat(workshop.servers()).isEmpty();
    }

    @Test
    void serverIsReplacedWhenTheRecipesItLoadedWereChanged() throws IOException {
        var partition = workshop.partition("part0", PROFILE.formatted("one"));
        assertThat(workshop.warm(partition).ok()).isTrue();
        var first = workshop.servers();
        var recipe = workshop.folder.resolve("recipe/slapkit/files.py");
        Files.writeString(recipe, Files.readString(recipe) + "\n# another one\n");

        var result = workshop.warm(partition);

        assertThat(result.output()).as("parts are signed with the recipes").contains("Uninstalling page");
        assertThat(workshop.servers()).hasSize(1).doesNotContainAnyElementsOf(first);
    }

    @Test
    void runThatWantsTooMuchMemoryFailsAlone() throws IOException {
        var greedy = ownRecipe("part0", "x = bytearray(600 << 20)\n");
        var partition = workshop.partition("part1", PROFILE.formatted("one"));

        assertThat(workshop.warm(greedy).output()).contains("MemoryError");
        assertThat(workshop.cold(greedy).output()).contains("MemoryError");

        assertThat(workshop.warm(partition).ok()).isTrue();
    }

    @Test
    void workForOthersIsNeverDoneAsRoot() throws IOException {
        assumeTrue(workshop.host.isRoot());
        var partition = workshop.partition("part0", PROFILE.formatted("one"));
        var run = workshop.run(partition, Duration.ofSeconds(60), Map.of());
        var root = new Buildout.Run(
                partition, workshop.host.self(), run.arguments(), 027, 0, run.deadline(), Map.of(), _ -> {});

        assertThatThrownBy(() -> workshop.buildout.runWarm(root))
                .isInstanceOf(HostException.class)
                .hasMessageContaining("never done as root");

        assertThat(partition.resolve("page")).doesNotExist();
    }

    /// A partition whose profile has one part, of a recipe of the tenant's own.
    private Path ownRecipe(String name, String code) throws IOException {
        var partition = workshop.partition(name, OF_ITS_OWN);
        ownRecipe(partition, code);
        return partition;
    }

    private void ownRecipe(Path partition, String code) throws IOException {
        var source = Files.createDirectories(partition.resolve("own"));
        Files.writeString(source.resolve("own.py"), """
                class Own:
                    def __init__(self, buildout, name, options):
                        pass
                    def install(self):
                        with open(__file__[:-3] + ".code") as code:
                            exec(code.read(), {})
                        return []
                    update = install
                """);
        Files.writeString(source.resolve("own.code"), code);
        var information = Files.createDirectories(source.resolve("own.egg-info"));
        Files.writeString(information.resolve("PKG-INFO"), "Metadata-Version: 1.0\nName: own\nVersion: 1\n");
        Files.writeString(information.resolve("entry_points.txt"), "[zc.buildout]\ndefault = own:Own\n");
        var links = Files.createDirectories(partition.resolve("develop-eggs"));
        Files.writeString(links.resolve("own.egg-link"), source + "\n.\n");
        workshop.own(partition);
    }

    private static long sleepers(Path partition) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").endsWith("sleep 597"))
                .filter(process -> {
                    try {
                        return Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"))
                                .equals(partition);
                    } catch (IOException _) {
                        return false;
                    }
                })
                .count();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        var end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            Thread.sleep(20);
        }
    }
}
