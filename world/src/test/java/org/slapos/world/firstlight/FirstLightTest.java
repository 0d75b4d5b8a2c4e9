package org.slapos.world.firstlight;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.world.computer.TestComputer.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slapos.world.computer.InsideProcess;
import org.slapos.world.computer.TestComputer;
import org.slapos.world.firstlight.Demo.Served;

/// One story in steps: the demo by root, its service, the faults, and back to a machine as it was.
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FirstLightTest {
    private static final String STATE_BEFORE = "/tmp/state-before";
    private static final String HELLOWORLD = Demo.release("helloworld");
    private static final Duration SOON = Duration.ofSeconds(30);
    /// A build that takes long enough to be interrupted, and is found by its odd number.
    private static final String SLOW = "sleep 14.125";

    private final TestComputer computer;
    private final Demo demo;
    private Served served = new Served("", "", 0, "");

    @RegisterExtension
    final StepsInOrder steps;

    FirstLightTest() throws IOException {
        computer = TestComputer.start();
        demo = Demo.asRoot(computer);
        steps = new StepsInOrder(demo::logs);
    }

    @BeforeAll
    void rememberTheMachine() {
        demo.rememberMachine(STATE_BEFORE);
    }

    @AfterAll
    void close() {
        computer.close();
    }

    @Test
    @Order(1)
    void oneCommandServesAPage() {
        served = demo.start();
        assertThat(served.owner()).matches("slapuser[0-9]");
        var page = demo.get(served.url());
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.body()).contains("Hello from a cloud of your own").contains("hello");
        assertThat(page.body().getBytes(UTF_8)).hasSize(served.bytes());
    }

    @Test
    @Order(2)
    void theServiceRunsAsThePartitionsUser() {
        var uid = uid(served.owner());
        assertThat(uid).isPositive();
        assertThat(server()).isNotEmpty().allSatisfy(it -> assertThat(it.uid()).isEqualTo(uid));
        // Whatever program is executed from the partition is its user's.
        assertThat(computer.processes().stream()
                        .filter(it ->
                                it.commandLine().stream().limit(2).anyMatch(word -> word.contains(partitionFolder()))))
                .allSatisfy(it -> assertThat(it.uid()).isEqualTo(uid));
    }

    @Test
    @Order(3)
    void anotherPartitionsUserCannotReadIt() {
        var neighbour = served.owner().equals("slapuser9") ? "slapuser8" : "slapuser9";
        for (var what : List.of(partitionFolder(), partitionFolder() + "/srv/index.html")) {
            var outcome = computer.runAs(neighbour, "cat", what);
            assertThat(outcome.status()).isNotZero();
            assertThat(outcome.output()).contains("Permission denied");
        }
        assertThat(computer.runAs(neighbour, "ls", partitionFolder()).output()).contains("Permission denied");
        assertThat(computer.runAs(served.owner(), "ls", partitionFolder()).succeeded())
                .contains("etc");
    }

    @Test
    @Order(4)
    void hostingAndUseAreInTheLedger() {
        await("use is reported", SOON, () -> {
            demo.node("report").succeeded();
            return movements("service_module/memory_used").findAny().isPresent();
        });
        assertThat(demo.json("ledger", "list").path("balanced").asBoolean()).isTrue();
        assertThat(movements("software_hosting")).singleElement().satisfies(it -> {
            assertThat(it.path("source").asText()).isEqualTo(demo.computerReference());
            assertThat(it.path("item").asText()).startsWith("SOFTINST-");
            assertThat(it.hasNonNull("stop")).as("it still runs").isFalse();
        });
        assertThat(movements("service_module/disk_used"))
                .isNotEmpty()
                .allSatisfy(it -> assertThat(it.path("quantity").asDouble()).isPositive());
    }

    private Stream<JsonNode> movements(String resource) {
        return demo.json("ledger", "list")
                .path("result_list")
                .valueStream()
                .filter(it -> it.path("resource").asText().equals(resource));
    }

    @Test
    @Order(5)
    void aStoppedServiceIsGoneAndSaysSo() {
        demo.slapos("request", "hello", HELLOWORLD, "--state", "stopped", "--wait", "30")
                .succeeded();
        await("the service is gone", SOON, () -> server().isEmpty());
        assertThat(demo.get(served.url()).status()).isZero();
        await(
                "stopped is reported",
                SOON,
                () -> demo.json("service", "info", "hello")
                        .path("access-status")
                        .asText()
                        .contains("stopped"));
        assertThat(demo.json("service", "info", "hello").path("requested-state").asText())
                .isEqualTo("stopped");
    }

    @Test
    @Order(6)
    void itStartsAgain() {
        demo.slapos("request", "hello", HELLOWORLD, "--state", "started", "--parameters", "greeting=Back again")
                .succeeded();
        awaitPage("Back again");
    }

    @Test
    @Order(7)
    void aBuildIsFollowedFromAfarAndAnAgentKilledInTheMiddleConverges() {
        demo.publish(
                "slow",
                "all:\n\t@echo half of it is made\n\t@" + SLOW + "\ninstall:\n\techo built > $(PREFIX)/result\n");
        demo.slapos("supply", Demo.release("slow"), demo.computerReference()).succeeded();
        await("the build runs", SOON, () -> demo.process(SLOW).isPresent());
        await("how far it is can be seen", SOON, () -> {
            var status = statusOf(Demo.release("slow"));
            return status.startsWith("#building") && status.contains("half of it is made");
        });
        computer.kill(demo.agent().orElseThrow().pid());
        demo.start();
        var most = new int[1];
        await("the release is built", Duration.ofSeconds(60), () -> {
            most[0] = Math.max(most[0], (int) computer.processes().stream()
                    .filter(it -> it.command().equals(SLOW))
                    .count());
            return statusOf(Demo.release("slow")).startsWith("#access");
        });
        assertThat(most[0]).as("builds of one release at the same time").isLessThan(2);
        assertThat(demo.get(served.url()).status()).isEqualTo(200);
    }

    @Test
    @Order(8)
    void aKilledMasterLosesNothing() {
        var before = demo.json("ledger", "list").path("result_list").size();
        var serving = server().stream().map(InsideProcess::pid).toList();
        computer.kill(demo.master().orElseThrow().pid());
        for (int i = 0; i < 5; i++) {
            assertThat(demo.get(served.url()).status()).isEqualTo(200);
        }
        assertThat(demo.slapos("service", "list").status()).isNotZero();
        assertThat(demo.agent()).isPresent();

        demo.start();
        assertThat(server().stream().map(InsideProcess::pid)).isEqualTo(serving);
        assertThat(demo.json("service", "list").findValuesAsText("reference")).contains("hello");
        assertThat(demo.json("ledger", "list").path("result_list").size()).isGreaterThanOrEqualTo(before);
    }

    @Test
    @Order(9)
    void aKilledDatabaseComesBackByItself() {
        var postgres = demo.postgres().orElseThrow().pid();
        computer.kill(postgres);
        assertThat(demo.get(served.url()).status()).isEqualTo(200);
        await(
                "the Master answers again",
                SOON,
                () -> demo.slapos("service", "list").status() == 0);
        assertThat(demo.postgres().orElseThrow().pid()).isNotEqualTo(postgres);
    }

    @Test
    @Order(10)
    void aReleaseThatDoesNotBuildIsReportedAndTheOthersGoOn() {
        demo.publish("broken", "all:\n\t@echo broken on purpose; exit 3\ninstall:\n");
        demo.slapos("supply", Demo.release("broken"), demo.computerReference()).succeeded();
        await("the error is there", SOON, () -> statusOf(Demo.release("broken")).startsWith("#error"));
        assertThat(demo.slapos("software", "log", Demo.release("broken"), demo.computerReference())
                        .succeeded())
                .contains("broken on purpose");

        demo.slapos("request", "hello", HELLOWORLD, "--parameters", "greeting=Still here")
                .succeeded();
        awaitPage("Still here");
    }

    @Test
    @Order(11)
    void aDestroyedServiceLeavesItsPartitionEmptyAndFree() {
        demo.slapos("request", "hello", HELLOWORLD, "--state", "destroyed");
        await("the service is gone", SOON, () -> server().isEmpty());
        await("its directory is empty", SOON, () -> filesOf(partitionFolder()).isEmpty());
        await(
                "its partition is free",
                SOON,
                () -> demo.json("computer", "list")
                                .path(0)
                                .path("partitions_used")
                                .asInt(-1)
                        == 0);
        assertThat(demo.json("ledger", "list").path("balanced").asBoolean()).isTrue();
    }

    @Test
    @Order(12)
    void theMachineIsAsItWas() {
        demo.stop().succeeded();
        assertThat(demo.differences(STATE_BEFORE)).isEmpty();
        assertThat(computer.file(demo.inside(""))).doesNotExist();
        assertThat(computer.text("/etc/passwd")).doesNotContain("slapuser");
        assertThat(demo.stop().status()).as("stopping what is stopped").isZero();
    }

    private List<InsideProcess> server() {
        return computer.processes().stream()
                .filter(it -> it.commandLine().size() > 1
                        && it.commandLine().getFirst().endsWith("/bin/hello-server"))
                .toList();
    }

    private int uid(String user) {
        return Integer.parseInt(computer.run("id", "--user", user).succeeded());
    }

    private String partitionFolder() {
        return demo.inside("instance/slappart" + served.owner().substring("slapuser".length()));
    }

    /// What is in a partition besides the file in which format describes it.
    private List<String> filesOf(String folder) {
        try (var files = Files.list(computer.file(folder))) {
            return files.map(it -> it.getFileName().toString())
                    .filter(name -> !name.equals(".slapos-resource"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String statusOf(String release) {
        for (var software :
                demo.json("computer", "info", demo.computerReference()).path("software")) {
            if (software.path("software_release_uri").asText().equals(release)) {
                return software.path("access_status_message").asText("");
            }
        }
        return "";
    }

    private void awaitPage(String greeting) {
        await("the page says " + greeting, SOON, () -> {
            var page = demo.get(served.url());
            return page.status() == 200 && page.body().contains(greeting);
        });
    }
}
