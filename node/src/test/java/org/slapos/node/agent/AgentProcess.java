package org.slapos.node.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `slapos node agent` in a process of its own, as it is installed: small heap, first compiler only.
final class AgentProcess implements AutoCloseable {
    private final Process process;
    private final Path log;

    private AgentProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /// @param name of its log in the node's folder, which is appended to
    static AgentProcess start(TestNode node, String name) throws IOException {
        var log = node.folder.resolve(name + ".log");
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xms8m",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.slapos.node.Main",
                        "agent",
                        "--cfg",
                        node.cfg.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        return new AgentProcess(process, log);
    }

    /// As by `kill -9`; returns when it is gone.
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /// As by `kill`.
    void terminate() {
        process.destroy();
    }

    /// @return its exit status
    /// @throws CompletionException when it has not ended in time
    int awaitEnd(Duration time) {
        return process.onExit()
                .orTimeout(time.toSeconds(), TimeUnit.SECONDS)
                .join()
                .exitValue();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// The lines of its log that hold a text.
    List<String> said(String text) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(text)).collect(Collectors.toList());
        }
    }

    @Override
    public void close() {
        terminate();
        try {
            awaitEnd(Duration.ofSeconds(30));
        } catch (CompletionException e) {
            kill();
        }
    }
}
