package org.slapos.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.slapos.node.supervisor.ProcessStatus;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// A node whose partitions, each with a user id of its own when root runs it, hold one service each, of a release that
/// builds in a moment. A service that is started while it runs already ends with status 42, which supervisord notes.
final class WorkingNode implements AutoCloseable {
    /// Of this run's own: whoever stops a partition ends all processes of its user, on the whole machine.
    static final int FIRST_USER = 20_000 + (int) (ProcessHandle.current().pid() % 200) * 200;
    private static final String INSTANCE = """
            [buildout]
            parts = page server publish
            [parameters]
            recipe = slapkit:parameters
            [directory]
            recipe = slapkit:directory
            service = $${buildout:directory}/etc/service
            [page]
            recipe = slapkit:template
            inline = $${parameters:p.greeting}
            output = $${buildout:directory}/page
            [server]
            recipe = slapkit:wrapper
            output = $${directory:service}/server
            command =
              /usr/bin/flock
              --nonblock
              --conflict-exit-code
              42
              $${buildout:directory}/running-$${parameters:p.greeting}
              /usr/bin/sleep
              86400
            restart-on = $${page:digest}
            [publish]
            recipe = slapkit:publish
            greeting = $${parameters:p.greeting}
            """;
    private static final ObjectMapper JSON = new ObjectMapper();

    final TestNode node;
    final int partitions;
    final String release;
    private final Map<Integer, InstanceInformation> wanted = new TreeMap<>();
    private int timestamp = 1;

    WorkingNode(int partitions) throws IOException {
        this.partitions = partitions;
        node = new TestNode(partitions);
        if (node.host.isRoot()) {
            for (int i = 0; i < partitions; i++) {
                var resource = node.partition(i).resolve(".slapos-resource");
                node.host.setOwner(node.partition(i), FIRST_USER + i, FIRST_USER + i);
                node.host.setOwner(resource, FIRST_USER + i, FIRST_USER + i);
            }
        }
        var file = Files.writeString(node.profiles.resolve("instance.cfg.in"), INSTANCE);
        node.host.setMode(file, 0644);
        release = node.profile("small/software.cfg", """
                [buildout]
                parts = instance-profile
                [instance-profile]
                recipe = slapkit:template
                url = %s
                output = ${buildout:directory}/instance.cfg
                """.formatted(file));
        node.master.supply(release, SoftwareState.AVAILABLE);
    }

    /// The Master wants another thing of a partition from now on.
    void want(int partition, RequestedState state, String greeting) {
        want(partition, state, Map.of("greeting", greeting));
    }

    void want(int partition, RequestedState state, Map<String, String> parameters) {
        var i = node.instance(partition, release, state, Integer.toString(timestamp++), "");
        var instance = new InstanceInformation(
                i.computer(),
                i.partition(),
                i.guid(),
                i.title(),
                i.rootTitle(),
                i.rootShortTitle(),
                i.softwareRelease(),
                i.softwareType(),
                i.state(),
                parameters,
                i.connection(),
                i.filter(),
                i.addresses(),
                i.routedAddresses(),
                i.sharedInstances(),
                i.timestamp(),
                i.accessStatus());
        wanted.put(partition, instance);
        node.master.promise(instance);
    }

    /// What differs from what the Master wants, in words; empty when all is so.
    List<String> differences() {
        var found = new ArrayList<String>();
        var processes =
                node.rooms.supervisor().isRunning() ? node.rooms.supervisor().processes() : List.<ProcessStatus>of();
        wanted.forEach((number, instance) -> {
            var id = instance.partition().text();
            var up = processes.stream()
                    .filter(process -> process.group().equals(id) && process.isUp())
                    .toList();
            boolean started = instance.state() == RequestedState.STARTED;
            if (up.size() != (started ? 1 : 0)) {
                found.add(id + " is wanted " + instance.state() + " and has " + up);
            }
            if (servers(number).size() != (started ? 1 : 0)) {
                found.add(id + " is wanted " + instance.state() + " and runs " + servers(number));
            }
            found.addAll(fileDifferences(number, instance));
        });
        return found;
    }

    private List<String> fileDifferences(int number, InstanceInformation instance) {
        var partition = node.partition(number);
        try {
            var greeting = instance.parameters().get("greeting");
            if (!Files.exists(partition.resolve("page"))
                    || !Files.readString(partition.resolve("page")).strip().equals(greeting)) {
                return List.of(instance.partition() + " has another page than " + greeting);
            }
            var mark = partition.resolve(".timestamp");
            return Files.exists(mark) && Files.readString(mark).strip().equals(instance.timestamp())
                    ? List.of()
                    : List.of(instance.partition() + " is not of " + instance.timestamp());
        } catch (IOException e) {
            return List.of(instance.partition() + ": " + e);
        }
    }

    /// The processes of a partition's service, by the lock that they hold: its number to its process id.
    List<Long> servers(int number) {
        var prefix = node.partition(number) + "/running-";
        return ProcessHandle.allProcesses()
                .filter(process ->
                        process.info().commandLine().orElse("").matches(".*flock --nonblock .*" + prefix + ".*"))
                .map(ProcessHandle::pid)
                .toList();
    }

    SortedMap<Integer, Long> allServers() {
        var found = new TreeMap<Integer, Long>();
        IntStream.range(0, partitions)
                .forEach(i -> servers(i)
                        .forEach(pid -> assertThat(found.put(i, pid))
                                .as("a second one of part" + i)
                                .isNull()));
        return found;
    }

    /// How many services were started although they ran.
    long startedTwice() throws IOException {
        try (var lines = Files.lines(node.instanceRoot.resolve("var/log/supervisord.log"))) {
            return lines.filter(line -> line.contains("exit status 42")).count();
        }
    }

    /// Each file of the node's own that is not whole.
    List<String> halfWritten() throws IOException {
        var broken = new ArrayList<String>();
        var deployments = node.instanceRoot.resolve("var/deployment");
        if (Files.isDirectory(deployments)) {
            try (var files = Files.list(deployments)) {
                for (var file : files.toList()) {
                    requireJson(file, broken);
                }
            }
        }
        for (int i = 0; i < partitions; i++) {
            for (var name : List.of(".slapgrid/instance.json", ".slapos-publish.json")) {
                requireJson(node.partition(i).resolve(name), broken);
            }
        }
        var promise = node.instanceRoot.resolve("var/promise.xml");
        if (Files.exists(promise)
                && new LastPromise(node.host, node.instanceRoot)
                        .recall(LoopbackMaster.COMPUTER)
                        .isEmpty()) {
            broken.add(promise.toString());
        }
        return broken;
    }

    private static void requireJson(Path file, List<String> broken) {
        try {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                    && !JSON.readTree(file.toFile()).isObject()) {
                broken.add(file.toString());
            }
        } catch (IOException e) {
            broken.add(file + ": " + e.getMessage());
        }
    }

    void awaitAsWanted(Duration time) throws InterruptedException {
        var end = System.nanoTime() + time.toNanos();
        var differences = differences();
        while (!differences.isEmpty()) {
            assertThat(System.nanoTime()).as("in time: %s", differences).isLessThan(end);
            Thread.sleep(100);
            differences = differences();
        }
    }

    static void await(Duration time, BooleanSupplier condition) throws InterruptedException {
        var end = System.nanoTime() + time.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            Thread.sleep(20);
        }
    }

    @Override
    public void close() throws IOException {
        node.close();
    }
}
