package org.slapos.node.buildout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.node.host.CommandResult;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A Buildout that is loaded already: the process `buildout-server` of the runtime, which forks for each run (what it
/// takes care of stands there). Started when it is first needed; one that has died or does not answer is replaced; it
/// ends with this node, however this node ends. Any thread may call.
final class WarmBuildout implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WarmBuildout.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration START = Duration.ofSeconds(30);
    /// Until the worker of a request runs; a run that was killed in the same directory may have to end first.
    private static final Duration FORK = Duration.ofSeconds(30);
    /// Beyond the deadline of a run, which the server itself looks after.
    private static final Duration GRACE = Duration.ofSeconds(30);
    private static final Duration COLD_AFTER_FAILURE = Duration.ofMinutes(1);
    private static final int MAX_SOCKET_PATH = 107;
    private static final int MAX_LINE = 4096;
    private static final int MAX_OUTPUT_BYTES = 1 << 20;
    private static final int MAX_OUTPUT = 64 * 1024;

    private final Host host;
    private final Path program;
    private final Path folder;
    private final long memoryBytes;
    private @Nullable Server server;
    private long coldUntilNanos = System.nanoTime();

    /// @param folder      for its sockets and locks, nobody else's
    /// @param memoryBytes of data that each process of a run may have; 0 = no limit
    WarmBuildout(Host host, Path runtime, Path folder, long memoryBytes) {
        this.host = host;
        this.program = runtime.resolve("bin/buildout-server");
        this.folder = folder;
        this.memoryBytes = memoryBytes;
    }

    private record Server(Process process, Path socket) {}

    private sealed interface Answer {
        record Ended(CommandResult result) implements Answer {}

        record Refused(String why) implements Answer {}

        /// The server is gone, or might as well be.
        record None(String why) implements Answer {}
    }

    /// The result of a run; empty when it has to be done cold, and then nothing of it runs any more.
    Optional<CommandResult> run(Buildout.Run run) {
        for (int tries = 0; tries < 2; tries++) {
            var current = server();
            if (current.isEmpty()) {
                return Optional.empty();
            }
            switch (ask(current.get(), run)) {
                case Answer.Ended(var result) -> {
                    return Optional.of(result);
                }
                case Answer.Refused(var why) -> {
                    LOG.warn("{}: the warm Buildout refuses: {}; done without it", run.directory(), why);
                    return Optional.empty();
                }
                case Answer.None(var why) -> replace(current.get(), why);
            }
        }
        return Optional.empty();
    }

    private synchronized Optional<Server> server() {
        if (server != null && server.process().isAlive()) {
            return Optional.of(server);
        }
        if (System.nanoTime() - coldUntilNanos < 0) {
            return Optional.empty();
        }
        try {
            server = start();
        } catch (HostException | IOException e) {
            server = null;
            coldUntilNanos = System.nanoTime() + COLD_AFTER_FAILURE.toNanos();
            LOG.warn("The warm Buildout does not start, profiles run without it: {}", e.getMessage());
        }
        return Optional.ofNullable(server);
    }

    private Server start() throws IOException {
        if (!Files.isExecutable(program)) {
            throw new HostException("there is no " + program);
        }
        host.createDirectory(folder, 0700);
        var process = host.start(program.toString(), folder.toString(), folder.resolve("errors.log"));
        var overdue = Thread.ofVirtual().start(() -> {
            if (lasts(START)) {
                process.destroyForcibly();
            }
        });
        try {
            var said = line(process.getInputStream());
            if (!said.equals("ready")) {
                throw new IOException("it said '" + said + "'; see " + folder.resolve("errors.log"));
            }
        } catch (IOException e) {
            process.destroyForcibly();
            throw e;
        } finally {
            overdue.interrupt();
        }
        var socket = folder.resolve(process.pid() + ".sock");
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_PATH) {
            process.destroyForcibly();
            throw new HostException("the path " + socket + " is too long for a socket: choose a shorter instance_root");
        }
        LOG.debug("The warm Buildout is process {}", process.pid());
        return new Server(process, socket);
    }

    private synchronized void replace(Server dead, String why) {
        if (dead.equals(server)) {
            LOG.info("The warm Buildout is replaced: {}", why);
            dead.process().destroyForcibly();
            server = null;
        }
    }

    private Answer ask(Server current, Buildout.Run run) {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(current.socket()))) {
            var header = Thread.ofVirtual().start(() -> closeAfter(channel, FORK));
            var whole = Thread.ofVirtual()
                    .start(() -> closeAfter(channel, run.deadline().plus(GRACE)));
            try {
                var bytes = ByteBuffer.wrap(request(run));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                var input = new BufferedInputStream(Channels.newInputStream(channel));
                var first = JSON.readTree(line(input));
                if (first.has("refused")) {
                    return new Answer.Refused(first.path("refused").asText());
                }
                header.interrupt();
                return ended(JSON.readTree(line(input)), input);
            } finally {
                header.interrupt();
                whole.interrupt();
            }
        } catch (ClosedByInterruptException e) {
            // The server ends what it started when it sees that nobody waits for it.
            throw new HostException("Buildout in " + run.directory() + " was interrupted and killed", e);
        } catch (IOException e) {
            return new Answer.None(String.valueOf(e.getMessage()));
        }
    }

    private static Answer ended(JsonNode end, InputStream input) throws IOException {
        int length = Math.min(end.path("bytes").asInt(), MAX_OUTPUT_BYTES);
        var output = new String(input.readNBytes(length), StandardCharsets.UTF_8);
        var tail = output.length() > MAX_OUTPUT ? output.substring(output.length() - MAX_OUTPUT) : output;
        return new Answer.Ended(new CommandResult(
                end.path("status").asInt(99), tail, end.path("timed_out").asBoolean()));
    }

    private byte[] request(Buildout.Run run) throws IOException {
        var json = JSON.createObjectNode()
                .put("directory", run.directory().toString())
                .put("umask", run.umask())
                .put("deadline", Math.max(1, run.deadline().toSeconds()))
                .put("memory", memoryBytes);
        run.arguments().forEach(json.putArray("arguments")::add);
        run.completeEnvironment().forEach(json.putObject("environment")::put);
        if (host.isRoot()) {
            var identity = json.putArray("identity");
            identity.add(run.owner().uid()).add(run.owner().gid());
            run.owner().groups().forEach(identity.addArray()::add);
        } else {
            json.putNull("identity");
        }
        return (JSON.writeValueAsString(json) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static String line(InputStream input) throws IOException {
        var line = new ByteArrayOutputStream();
        int next;
        while ((next = input.read()) != '\n') {
            if (next < 0 || line.size() > MAX_LINE) {
                throw new IOException(next < 0 ? "it ended" : "its answer is no line");
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private static void closeAfter(SocketChannel channel, Duration time) {
        try {
            if (lasts(time)) {
                channel.close();
            }
        } catch (IOException _) {
            // closed already
        }
    }

    /// Whether the time passed without an interruption.
    private static boolean lasts(Duration time) {
        try {
            Thread.sleep(time);
            return true;
        } catch (InterruptedException _) {
            return false;
        }
    }

    @Override
    public synchronized void close() {
        if (server == null) {
            return;
        }
        try {
            server.process().getOutputStream().close();
            if (!server.process().waitFor(Duration.ofSeconds(5))) {
                server.process().destroyForcibly();
            }
        } catch (IOException e) {
            server.process().destroyForcibly();
        } catch (InterruptedException e) {
            server.process().destroyForcibly();
            Thread.currentThread().interrupt();
        }
        server = null;
    }
}
