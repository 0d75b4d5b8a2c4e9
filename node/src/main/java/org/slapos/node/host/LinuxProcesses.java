package org.slapos.node.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Runs commands: in a session of their own, so that all of it can be found and killed, as the user they name.
final class LinuxProcesses {
    private static final int MAX_OUTPUT = 64 * 1024;
    private static final int MAX_LINE = 16 * 1024;
    /// How long what is in the pipe is read after the program's end, when something it started goes on writing.
    private static final Duration AFTER_END = Duration.ofSeconds(1);

    private static final long LONGEST_PAUSE_MILLIS = 20;

    private static final List<Path> FOLDERS = Stream.concat(
                    Stream.of("/usr/sbin", "/usr/bin", "/sbin", "/bin"),
                    Stream.of(Optional.ofNullable(System.getenv("PATH"))
                            .orElse("")
                            .split(":", -1)))
            .filter(folder -> folder.startsWith("/"))
            .distinct()
            .map(Path::of)
            .toList();

    /// A group that does not let it in is done without.
    private static final String JOIN = "{ echo 0 > \"$0\"; } 2> /dev/null; exec \"$@\"";

    private final boolean root;

    LinuxProcesses(boolean root) {
        this.root = root;
    }

    CommandResult run(Command command) {
        if (!root || command.group().isEmpty()) {
            return run(command, List.of());
        }
        var group = command.group().get();
        LinuxControlGroups.end(group);
        try {
            return run(command, LinuxControlGroups.make(group));
        } finally {
            LinuxControlGroups.end(group);
        }
    }

    /// @param groups the files of the control groups that it joins
    private CommandResult run(Command command, List<Path> groups) {
        var process = start(command, groups);
        var output = new Output(command.onLine());
        var reader =
                Thread.ofPlatform().daemon().name("output of " + process.pid()).start(() -> output.read(process));
        boolean ended;
        try {
            ended = process.waitFor(command.deadline().toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                ProcessTree.kill(() -> ProcessTree.family(process.pid()));
            }
            reader.join(AFTER_END.multipliedBy(2));
        } catch (InterruptedException e) {
            ProcessTree.kill(() -> ProcessTree.family(process.pid()));
            Thread.currentThread().interrupt();
            throw new HostException(command.arguments().getFirst() + " was interrupted and killed", e);
        }
        var text = output.close();
        if (!ended) {
            return new CommandResult(137, text, true);
        }
        return new CommandResult(process.exitValue(), text, false);
    }

    /// A helper of this program's own, which inherits nothing.
    Process start(String program, String argument, Path errors) {
        var builder = new ProcessBuilder(program("setsid"), program, argument)
                .directory(Path.of("/").toFile())
                .redirectError(errors.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        try {
            return builder.start();
        } catch (IOException e) {
            throw new HostException("cannot run " + program + ": " + e.getMessage(), e);
        }
    }

    private Process start(Command command, List<Path> groups) {
        if (!Files.isDirectory(command.directory())) {
            throw new HostException("cannot run " + command.arguments().getFirst() + " in " + command.directory()
                    + ": no such directory");
        }
        var builder = new ProcessBuilder(line(command, groups))
                .directory(command.directory().toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(command.environment());
        try {
            return builder.start();
        } catch (IOException e) {
            throw new HostException("cannot run " + command.arguments().getFirst() + ": " + e.getMessage(), e);
        }
    }

    /// The command behind what prepares its process: a session of its own, the control groups, the user, the umask. The
    /// text given to `sh` is always the same; all that varies are its arguments.
    private List<String> line(Command command, List<Path> groups) {
        var line = new ArrayList<>(List.of(program("setsid")));
        for (var file : groups) {
            line.addAll(List.of("/bin/sh", "-c", JOIN, file.toString()));
        }
        command.user().ifPresent(user -> line.addAll(become(user)));
        line.addAll(
                List.of("/bin/sh", "-c", "umask \"$0\" && exec \"$@\"", "0" + Integer.toOctalString(command.umask())));
        line.add(program(command.arguments().getFirst()));
        line.addAll(command.arguments().subList(1, command.arguments().size()));
        return line;
    }

    private List<String> become(UnixUser user) {
        if (user.uid() == 0 || user.gid() == 0) {
            throw new HostException("refused to run a command as " + user.name() + " (uid " + user.uid() + ", gid "
                    + user.gid() + "): work for others is never done as root; give the directory another owner");
        }
        if (!root) {
            return List.of();
        }
        var groups = user.groups().stream().map(String::valueOf).collect(Collectors.joining(","));
        return List.of(
                program("setpriv"),
                "--reuid=" + user.uid(),
                "--regid=" + user.gid(),
                groups.isEmpty() ? "--clear-groups" : "--groups=" + groups,
                "--no-new-privs");
    }

    private static String program(String name) {
        if (name.contains("/")) {
            return name;
        }
        return FOLDERS.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new HostException(
                        "no program " + name + " in " + FOLDERS + ": install the system package that has it"))
                .toString();
    }

    /// Keeps the tail of what a program writes and shows it line by line.
    private static final class Output {
        private final StringBuilder tail = new StringBuilder();
        private final StringBuilder line = new StringBuilder();
        private final Consumer<String> onLine;
        private final CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
        private byte[] rest = {};
        private boolean closed;

        Output(Consumer<String> onLine) {
            this.onLine = onLine;
        }

        /// Reads until the program has ended and all that it wrote is read. Never waits inside a read:
        /// whoever the program left behind may hold its output open, silent or endless, as it likes.
        /// The monitor of the stream is kept: the JDK would otherwise read an endless output itself.
        void read(Process process) {
            var stream = process.getInputStream();
            synchronized (stream) {
                try (stream) {
                    long end = Long.MAX_VALUE;
                    for (long pause = 1; System.nanoTime() < end && !isClosed(); ) {
                        boolean ended = !process.isAlive();
                        int ready = stream.available();
                        if (ready > 0) {
                            decode(stream.readNBytes(Math.min(ready, 8192)));
                            pause = 1;
                        } else if (ended) {
                            break;
                        } else {
                            Thread.sleep(pause);
                            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
                        }
                        if (ended && end == Long.MAX_VALUE) {
                            end = System.nanoTime() + AFTER_END.toNanos();
                        }
                    }
                } catch (IOException | InterruptedException _) {
                    // What was read is what there is.
                }
            }
        }

        private synchronized boolean isClosed() {
            return closed;
        }

        /// The bytes of a character may come in two pieces.
        private void decode(byte[] bytes) {
            var all = ByteBuffer.allocate(rest.length + bytes.length)
                    .put(rest)
                    .put(bytes)
                    .flip();
            var text = CharBuffer.allocate(all.remaining());
            decoder.decode(all, text, false);
            rest = new byte[all.remaining()];
            all.get(rest);
            take(text.array(), text.position());
        }

        private synchronized void take(char[] buffer, int n) {
            if (closed) {
                return;
            }
            tail.append(buffer, 0, n);
            if (tail.length() > 2 * MAX_OUTPUT) {
                tail.delete(0, tail.length() - MAX_OUTPUT);
            }
            for (int i = 0; i < n; i++) {
                if (buffer[i] == '\n') {
                    show();
                } else if (line.length() < MAX_LINE) {
                    line.append(buffer[i]);
                }
            }
        }

        private void show() {
            onLine.accept(line.toString().stripTrailing());
            line.setLength(0);
        }

        synchronized String close() {
            if (!closed && !line.isEmpty()) {
                show();
            }
            closed = true;
            return tail.length() > MAX_OUTPUT ? tail.substring(tail.length() - MAX_OUTPUT) : tail.toString();
        }
    }
}
