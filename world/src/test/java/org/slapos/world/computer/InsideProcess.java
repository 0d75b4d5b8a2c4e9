package org.slapos.world.computer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A process of a [TestComputer].
///
/// @param pid   its id inside
/// @param uid   its real user
/// @param state the letter of `/proc`: `R`, `S`, `D`, `T`, and `Z` for a zombie
public record InsideProcess(int pid, int parent, int uid, char state, List<String> commandLine) {

    /// The whole command line, for matching.
    public String command() {
        return String.join(" ", commandLine);
    }

    /// Reads a folder of `/proc`; empty when the process has gone meanwhile.
    static Optional<InsideProcess> read(Path folder) {
        try {
            var status = Files.readString(folder.resolve("status"));
            var arguments = new String(Files.readAllBytes(folder.resolve("cmdline")), UTF_8);
            return Optional.of(new InsideProcess(
                    Integer.parseInt(folder.getFileName().toString()),
                    Integer.parseInt(field(status, "PPid")),
                    Integer.parseInt(field(status, "Uid").split("\\s+", 2)[0]),
                    field(status, "State").charAt(0),
                    arguments.isEmpty() ? List.of() : Arrays.asList(arguments.split("\0"))));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static String field(String status, String name) throws IOException {
        return status.lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElseThrow(() -> new IOException("no " + name));
    }
}
