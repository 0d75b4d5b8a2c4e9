package org.slapos.cli.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/// The list of what was made on the machine, which the node writes too and `slapos node undo` undoes: one thing a line,
/// its words separated by tabs. A line is on the disk before its thing is made.
final class UndoList {
    private final Path file;

    UndoList(Path file) {
        this.file = file;
    }

    void willMakeUser(String name, Path home) throws IOException {
        append("user\t" + name + "\t" + home);
    }

    void willAddAddress(String networkInterface, String address) throws IOException {
        append("address\t" + networkInterface + "\t" + address);
    }

    /// @param value the one before ours
    void willChangeSetting(String name, String value) throws IOException {
        append("setting\t" + name + "\t" + value);
    }

    /// @param pidFile will hold the daemon's process id
    void willStartDaemon(Path pidFile) throws IOException {
        append("daemon\t" + pidFile);
    }

    /// The users the list says were made by the demo or its node.
    Set<String> users() throws IOException {
        return lines().stream()
                .map(line -> line.split("\t", -1))
                .filter(words -> words.length == 3 && words[0].equals("user"))
                .map(words -> words[1])
                .collect(Collectors.toSet());
    }

    private Set<String> lines() throws IOException {
        return Files.exists(file) ? new LinkedHashSet<>(Files.readAllLines(file)) : Set.of();
    }

    private void append(String line) throws IOException {
        if (lines().contains(line)) {
            return;
        }
        // Written by nobody else: who undoes it as root does what it says.
        try (var channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            var bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }
}
