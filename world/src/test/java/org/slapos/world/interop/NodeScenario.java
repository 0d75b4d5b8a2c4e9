package org.slapos.world.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slapos.protocol.AccessStatus;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.PartitionInformation;
import org.slapos.protocol.client.SlapClient;

/// The installed node serves what the installed commands request: one greeting page, from a profile to an empty disk.
/// Commands do the first and the last of it, the agent what is between.
final class NodeScenario implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final PartitionId PARTITION = new PartitionId("slappart0");
    private static final String REFERENCE = "greeting";
    private static final int NOT_READY = 2;

    private final Target target;
    private final Installed installed;
    private final InstalledNode node;
    private final String release;
    private final SlapClient asNode;
    private final HttpClient web = HttpClient.newHttpClient();

    NodeScenario(Target target) throws IOException {
        this.target = target;
        this.installed = target.installed();
        this.node = target.installedNode();
        this.release = installed.file("app/software/helloworld/software.cfg").toString();
        this.asNode = target.asNode();
    }

    void play() throws IOException, InterruptedException {
        format();
        build();
        follow(start());
        destroy();
        remove();
    }

    /// Twice is once.
    private void format() throws IOException, InterruptedException {
        node.run("format", "--now").with(0);
        assertThat(target.information(asNode).partitions())
                .extracting(PartitionInformation::partition)
                .containsExactlyInAnyOrder(PARTITION, new PartitionId("slappart1"));
        assertThat(node.run("format", "--now").with(0).log()).contains("2 partitions, nothing to do");
    }

    private void build() throws IOException, InterruptedException {
        target.slapos("supply", release, target.computer().text()).with(0);
        assertThat(node.run("software").with(0).log()).contains("Installed " + release);
        if (target.differences().keepsStatuses()) {
            assertThat(asNode.status(target.computer(), release))
                    .hasValueSatisfying(status -> assertThat(status.isAccess()).isTrue());
        }
        assertThat(node.run("software").with(0).log()).doesNotContain("Installed");
    }

    /// Status 2 until the node reports, which a Master without statuses is never told.
    private String start() throws IOException, InterruptedException {
        request("Bonjour & <b>", "started", "--wait", "1").with(NOT_READY);
        node.run("instance").with(0);
        var requested = request("Bonjour & <b>", "started", "--wait", "1")
                .with(target.differences().keepsStatuses() ? 0 : NOT_READY);
        assertThat(published(requested).path("greeting").asText()).isEqualTo("Bonjour & <b>");
        var url = published(requested).path("url").asText();
        assertThat(page(url)).hasValueSatisfying(page -> assertThat(page).contains("Bonjour &amp; &lt;b&gt;"));
        var deployed = Files.readString(inPartition(".timestamp"));
        assertThat(deployed).isEqualTo(promised().timestamp());
        node.run("instance").with(0);
        assertThat(promised().timestamp()).isEqualTo(deployed);
        return url;
    }

    private void follow(String url) throws IOException, InterruptedException {
        var agent = node.agent();
        request("Servus", "started").with(0);
        await("the changed page", () -> page(url).filter(page -> page.contains("Servus")));
        var changed = published(request("Servus", "started").with(0));
        assertThat(changed.path("greeting").asText()).isEqualTo("Servus");
        request("Servus", "stopped").with(0);
        await("a page that is gone", () -> page(url).isEmpty() ? Optional.of(url) : Optional.empty());
        if (target.differences().keepsStatuses()) {
            await(
                    "the report of the stop",
                    () -> asNode.status(target.computer(), PARTITION)
                            .filter(status -> status.state().equals("stopped"))
                            .map(AccessStatus::text));
        }
        Installed.end(agent);
    }

    /// By the report, which also says what was used.
    private void destroy() throws IOException, InterruptedException {
        request("Servus", "destroyed").with(0);
        assertThat(inPartition("buildout.cfg")).exists();
        node.run("report").with(0);
        assertThat(target.busy(asNode)).isEmpty();
        assertThat(inPartition("")).isDirectoryNotContaining(file -> !file.endsWith(".slapos-resource"));
    }

    private void remove() throws IOException, InterruptedException {
        target.slapos("remove", release, target.computer().text()).with(0);
        node.run("software").with(0);
        assertThat(node.softwareRoot()).isEmptyDirectory();
        assertThat(target.information(asNode).software()).isEmpty();
    }

    private Installed.Ended request(String greeting, String state, String... options)
            throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of("request", REFERENCE, release));
        line.addAll(List.of("--node", "computer_guid=" + target.computer()));
        line.addAll(List.of("--parameters", "greeting=" + greeting));
        line.addAll(List.of("--state", state, "--output", "json"));
        line.addAll(List.of(options));
        return target.slapos(line.toArray(String[]::new));
    }

    private static JsonNode published(Installed.Ended requested) throws IOException {
        return new ObjectMapper().readTree(requested.output()).path("connection-parameters");
    }

    /// What is served there; nothing when nobody listens.
    private Optional<String> page(String url) throws IOException, InterruptedException {
        try {
            var answer = web.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            return Optional.of(answer.body());
        } catch (ConnectException _) {
            return Optional.empty();
        }
    }

    private InstanceInformation promised() {
        return target.busy(asNode).getFirst();
    }

    private Path inPartition(String name) {
        return node.instanceRoot().resolve(PARTITION.text()).resolve(name);
    }

    private interface Question {
        Optional<String> ask() throws IOException, InterruptedException;
    }

    private void await(String what, Question question) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (question.ask().isEmpty()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(what + " did not come; the programs said:\n" + installed.said());
            }
            Thread.sleep(200);
        }
    }

    /// Services and their supervisor outlive the agent.
    @Override
    public void close() throws IOException {
        asNode.close();
        web.close();
        try {
            if (Files.exists(node.instanceRoot().resolve("sv.sock"))) {
                node.run("supervisorctl", "shutdown").with(0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the supervisor may still run");
        }
    }
}
