package org.slapos.node.promise;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.CleanEnvironment;
import org.slapos.node.host.Command;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.supervisor.Bonds;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has promises run, bound to their partition: by a warm process, one for each interpreter in use, or, where root may
/// not run a release's interpreter because others can change it, by a process that is the partition's from its start.
/// Any thread may call.
final class PromiseRunner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PromiseRunner.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path PYTHON = Path.of("/usr/bin/python3");
    private static final int MAX_SERVERS = 8;
    private static final int COLD_BATCH = 8;
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final NodeConfiguration configuration;
    private final Host host;
    private final Bonds bonds;
    private final Map<Path, PromiseServer> servers = new LinkedHashMap<>(16, 0.75f, true);

    PromiseRunner(NodeConfiguration configuration, Host host) {
        this.configuration = configuration;
        this.host = host;
        this.bonds = new Bonds(configuration, host.isRoot());
    }

    /// What became of each, by title; what is not in it gave no answer.
    ///
    /// @param promises as the server's words want them
    Map<String, JsonNode> run(PromiseSubject subject, PromiseResult.Kind kind, List<ObjectNode> promises) {
        boolean hasPlugin =
                promises.stream().anyMatch(p -> p.path("kind").asText().equals("plugin"));
        var interpreter = hasPlugin ? Interpreter.of(host, subject.software()).orElse(PYTHON) : PYTHON;
        var answers = !host.isRoot() || interpreter.equals(PYTHON) || Interpreter.isRoots(host, interpreter)
                ? warm(interpreter, subject, kind, promises)
                : cold(interpreter, subject, kind, promises);
        var found = new HashMap<String, JsonNode>();
        for (var answer : answers) {
            if (answer.has("refused")) {
                LOG.warn("{}: {}", subject.partition(), answer.path("refused").asText());
            }
            if (answer.has("cpu")) {
                LOG.debug(
                        "{}: promises cost {} s",
                        subject.partition(),
                        answer.path("cpu").asDouble());
            } else {
                found.put(answer.path("title").asText(), answer);
            }
        }
        return found;
    }

    private List<JsonNode> warm(
            Path interpreter, PromiseSubject subject, PromiseResult.Kind kind, List<ObjectNode> promises) {
        var request = request(subject, kind, promises);
        var words = request.putArray("bonds");
        bonds.words(subject.partition(), subject.directory(), subject.owner()).forEach(words::add);
        for (int tries = 0; tries < 2; tries++) {
            var server = server(interpreter);
            var answers = server.ask(request, deadline(promises.size()));
            if (answers.isPresent()) {
                return answers.get();
            }
            if (server.isAlive()) {
                LOG.warn(
                        "{}: its promises take longer than they may; the process that runs them is replaced",
                        subject.partition());
                server.close();
                return List.of();
            }
        }
        throw new HostException("the process that runs promises ends at once: see " + errors());
    }

    private List<JsonNode> cold(
            Path interpreter, PromiseSubject subject, PromiseResult.Kind kind, List<ObjectNode> promises) {
        var answers = new ArrayList<JsonNode>();
        for (int from = 0; from < promises.size(); from += COLD_BATCH) {
            var batch = promises.subList(from, Math.min(promises.size(), from + COLD_BATCH));
            var request = request(subject, kind, batch);
            request.putArray("bonds");
            var line = new ArrayList<String>();
            line.add(runtime("slap-run"));
            line.addAll(bonds.words(subject.partition(), subject.directory(), subject.owner()));
            line.addAll(
                    List.of("--", interpreter.toString(), runtime("slap-promise"), "--request", request.toString()));
            var result = host.run(Command.of(line)
                    .withDirectory(subject.directory())
                    .withEnvironment(environment(subject))
                    .withDeadline(deadline(batch.size())));
            result.output().lines().flatMap(text -> answer(text).stream()).forEach(answers::add);
        }
        return answers;
    }

    private static Optional<JsonNode> answer(String line) {
        try {
            return line.startsWith("{") ? Optional.of(JSON.readTree(line)) : Optional.empty();
        } catch (JsonProcessingException _) {
            return Optional.empty();
        }
    }

    private ObjectNode request(PromiseSubject subject, PromiseResult.Kind kind, List<ObjectNode> promises) {
        var directory = subject.directory();
        var request = JSON.createObjectNode()
                .put("partition", directory.toString())
                .put("timeout", configuration.promiseTimeout().toSeconds())
                .put("check_anomaly", kind == PromiseResult.Kind.ANOMALY);
        var environment = request.putObject("environment");
        environment(subject).forEach(environment::put);
        var config = request.putObject("config")
                .put("log-folder", directory.resolve(".slapgrid/promise/log").toString())
                .put("partition-folder", directory.toString())
                .put("debug", false)
                .put("promise-timeout", configuration.promiseTimeout().toSeconds())
                .put("master-url", configuration.masterUrl().toString())
                .put("partition-id", subject.partition().text())
                .put("computer-id", subject.computer().text())
                .put("slapgrid-version", "");
        configuration
                .certificateRepositoryPath()
                .ifPresent(folder -> config.put(
                                "partition-cert",
                                folder.resolve(subject.partition() + ".crt").toString())
                        .put(
                                "partition-key",
                                folder.resolve(subject.partition() + ".key").toString()));
        request.putArray("promises").addAll(promises);
        return request;
    }

    private static Map<String, String> environment(PromiseSubject subject) {
        return CleanEnvironment.of(subject.owner().home(), Map.of());
    }

    private Duration deadline(int promises) {
        return configuration
                .promiseTimeout()
                .plusSeconds(2)
                .multipliedBy(promises)
                .plus(GRACE);
    }

    private synchronized PromiseServer server(Path interpreter) {
        host.createDirectory(configuration.instanceRoot().resolve("var"), 0755);
        host.createDirectory(configuration.instanceRoot().resolve("var/log"), 0700);
        var server = servers.get(interpreter);
        if (server != null && server.isAlive()) {
            return server;
        }
        if (servers.size() >= MAX_SERVERS && server == null) {
            var oldest = servers.entrySet().iterator();
            oldest.next().getValue().close();
            oldest.remove();
        }
        var started = new PromiseServer(host.start(interpreter.toString(), runtime("slap-promise"), errors()));
        servers.put(interpreter, started);
        return started;
    }

    private Path errors() {
        return configuration.instanceRoot().resolve("var/log/promises.log");
    }

    private String runtime(String program) {
        return configuration.runtime().resolve("bin").resolve(program).toString();
    }

    @Override
    public synchronized void close() {
        servers.values().forEach(PromiseServer::close);
        servers.clear();
    }
}
