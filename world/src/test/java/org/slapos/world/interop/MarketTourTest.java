package org.slapos.world.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.client.SlapClient;

/// The tour of the market says what happens: its commands are run as they stand there, against a real Master.
class MarketTourTest {
    private static final Path TOUR = Path.of(System.getProperty("basedir", "."), "../docs/market-tour.md")
            .toAbsolutePath()
            .normalize();

    /// A command of the paper, and what it says comes of it.
    private record Step(String command, List<String> output, int status) {}

    @Test
    void whatTheTourSaysHappens() throws IOException, InterruptedException {
        try (var installed = Installed.copy()) {
            var target = Target.master(installed);
            formatted(target, target.node(), target.computer());
            var second = another(target);
            var steps = steps();
            assertThat(steps).hasSizeGreaterThan(25);
            try (var first = new StartingNode(target, target.node(), target.computer());
                    var other = new StartingNode(target, Optional.of(second.identity()), second.computer())) {
                for (var step : steps) {
                    var ended = target.slapos(words(step.command()));
                    assertThat(ended.status())
                            .as("%s%n%s%n%s", step.command(), ended.output(), ended.log())
                            .isEqualTo(step.status());
                    if (!step.output().isEmpty()) {
                        assertThat(lines(ended.output())).as(step.command()).isEqualTo(step.output());
                    }
                }
                assertThat(List.of(first.failures.get(), other.failures.get())).containsOnly("");
            }
        }
    }

    /// A node that does nothing but report of each partition what it is told to be.
    private static final class StartingNode implements AutoCloseable {
        private final SlapClient client;
        private final ComputerId computer;
        private final Thread loop;
        private final AtomicReference<String> failures = new AtomicReference<>("");

        StartingNode(Target target, Optional<SlapClient.Identity> node, ComputerId computer) throws IOException {
            this.client = SlapClient.open(new SlapClient.Settings(target.master(), node, target.authority()));
            this.computer = computer;
            this.loop = Thread.ofVirtual().start(this::passes);
        }

        private void passes() {
            try {
                while (true) {
                    if (client.computerInformation(computer, "")
                            instanceof SlapClient.Conditional.Changed(var information, var _)) {
                        information
                                .partitions()
                                .forEach(partition -> partition
                                        .instance()
                                        .ifPresent(instance -> client.report(
                                                computer, partition.partition(), report(instance.state()))));
                    }
                    Thread.sleep(100); // between two passes, as any node
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                if (!loop.isInterrupted()) {
                    failures.set(e.toString());
                }
            }
        }

        private static SlapClient.InstanceReport report(RequestedState wanted) {
            return switch (wanted) {
                case STARTED -> SlapClient.InstanceReport.STARTED;
                case STOPPED -> SlapClient.InstanceReport.STOPPED;
                case DESTROYED -> SlapClient.InstanceReport.DESTROYED;
            };
        }

        @Override
        public void close() {
            loop.interrupt();
            client.close();
        }
    }

    private record Second(ComputerId computer, SlapClient.Identity identity) {}

    /// The second Computer of the tour.
    private static Second another(Target target) throws IOException {
        var web = target.master().resolve("/");
        try (var person = target.asRequester();
                var nobody = SlapClient.open(
                        new SlapClient.Settings(target.master(), Optional.empty(), target.authority()))) {
            var token = person.json("slapos.post.v0.compute_node_token", SlapClient.parameters())
                    .path("token")
                    .asText();
            var answer = nobody.redeemToken(web, "Person_requestComputer", token, java.util.Map.of("title", "second"));
            var identity = new SlapClient.Identity(
                    Files.writeString(
                            target.installed().file("second.crt"),
                            answer.path("certificate").asText()),
                    Files.writeString(
                            target.installed().file("second.key"),
                            answer.path("key").asText()));
            var computer = new ComputerId(answer.path("reference").asText());
            formatted(target, Optional.of(identity), computer);
            return new Second(computer, identity);
        }
    }

    private static void formatted(Target target, Optional<SlapClient.Identity> node, ComputerId computer)
            throws IOException {
        var partitions = IntStream.range(0, 2)
                .mapToObj(i -> new ComputerConfiguration.Partition(
                        new PartitionId("slappart" + i),
                        "/srv/slapgrid/slappart" + i,
                        "slapuser" + i,
                        List.of(new ComputerConfiguration.Address("10.0.0." + i, "255.255.255.255")),
                        ComputerConfiguration.Tap.named("slaptap" + i),
                        List.of()))
                .toList();
        try (var client = SlapClient.open(new SlapClient.Settings(target.master(), node, target.authority()))) {
            client.configure(new ComputerConfiguration(computer, "", "", java.util.Map.of(), partitions));
        }
    }

    private static List<Step> steps() throws IOException {
        var steps = new ArrayList<Step>();
        boolean isConsole = false;
        for (var line : Files.readAllLines(TOUR)) {
            if (line.startsWith("```")) {
                isConsole = line.equals("```console");
            } else if (isConsole && line.startsWith("$ slapos ")) {
                steps.add(new Step(line.substring("$ slapos ".length()), List.of(), 0));
            } else if (isConsole && line.startsWith("(exit status ")) {
                var step = steps.removeLast();
                steps.add(new Step(step.command(), step.output(), Integer.parseInt(line.replaceAll("[^0-9]", ""))));
            } else if (isConsole) {
                var step = steps.removeLast();
                var output = new ArrayList<>(step.output());
                output.addAll(lines(line));
                steps.add(new Step(step.command(), output, step.status()));
            }
        }
        return steps;
    }

    private static String[] words(String command) {
        return command.replace("'", "").split(" ");
    }

    /// Without empty lines, and with each run of blanks as one.
    private static List<String> lines(String text) {
        return text.lines()
                .map(line -> line.strip().replaceAll(" +", " "))
                .filter(line -> !line.isEmpty())
                .collect(Collectors.toList());
    }
}
