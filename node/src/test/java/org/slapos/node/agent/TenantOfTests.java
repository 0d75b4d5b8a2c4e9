package org.slapos.node.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A user that only this JVM's tests are: a node ends all processes of the user whose partition it destroys, and must
/// find neither those of another test run nor those of a service of this machine. Its name ends in the number of this
/// process, so that a later run takes away what a killed one left.
final class TenantOfTests {
    private static final String PREFIX = "slaptest";
    private static final Pattern LEFT = Pattern.compile(PREFIX + "(\\d+):.*");
    private static @Nullable UnixIds made;

    record UnixIds(int uid, int gid) {}

    private TenantOfTests() {}

    /// Made when first asked for, by root; deleted when this JVM ends.
    static synchronized UnixIds ids() throws IOException {
        if (made == null) {
            deleteWhatKilledRunsLeft();
            var name = PREFIX + ProcessHandle.current().pid();
            run("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", name);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(name)));
            made = new UnixIds(Integer.parseInt(run("id", "-u", name)), Integer.parseInt(run("id", "-g", name)));
        }
        return made;
    }

    private static void deleteWhatKilledRunsLeft() throws IOException {
        for (var line : Files.readAllLines(Path.of("/etc/passwd"))) {
            var left = LEFT.matcher(line);
            if (left.matches()
                    && ProcessHandle.of(Long.parseLong(left.group(1))).isEmpty()) {
                delete(PREFIX + left.group(1));
            }
        }
    }

    private static void delete(String name) {
        try {
            run("userdel", "--force", name);
        } catch (IOException _) {
            // the next run does
        }
    }

    private static String run(String... command) throws IOException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output);
            }
        } catch (InterruptedException e) {
            throw new IOException("interrupted in " + String.join(" ", command), e);
        }
        return output;
    }
}
