package org.slapos.world.software;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A program run to its end, with a deadline, an environment of its own and its whole output.
record Command(int exitStatus, String output) {
    private static final int DEADLINE_SECONDS = 120;

    /// The folder that gets installed, as the build assembled it.
    static Path home() {
        return Path.of(System.getProperty("slapos.home", "../dist/target/slapos"))
                .toAbsolutePath()
                .normalize();
    }

    static Command run(Path folder, List<String> words) {
        return run(folder, Map.of(), words);
    }

    static Command run(Path folder, Map<String, String> environment, List<String> words) {
        Path output = folder.resolve(".command-output");
        try {
            Process process = start(folder, environment, words, output);
            try {
                if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                    throw new IllegalStateException(
                            words + " did not end within " + DEADLINE_SECONDS + " s: " + Files.readString(output));
                }
            } finally {
                process.destroyForcibly();
            }
            return new Command(process.exitValue(), Files.readString(output));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(words + " was interrupted", e);
        }
    }

    static Process start(Path folder, Map<String, String> environment, List<String> words, Path output)
            throws IOException {
        var builder = new ProcessBuilder(words).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/bin:/bin");
        builder.environment().putAll(environment);
        return builder.redirectOutput(output.toFile()).start();
    }
}
