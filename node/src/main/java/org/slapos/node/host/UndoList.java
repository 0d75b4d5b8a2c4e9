package org.slapos.node.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What the node made on this machine, written down (and on the disk) before each thing is made, so that [Undo] can
/// take it away in reverse order. Any thread may call.
///
/// A text file, one thing a line, words separated by one tab; other programs may append lines of the same kinds:
///
/// ```
/// directory  PATH                 made by us, with all that is below it
/// file       PATH                 made by us
/// user       NAME  HOME           made by us, with the group of its name
/// member     USER  GROUP          USER was added to GROUP
/// address    INTERFACE  ADDRESS/LENGTH
/// tap        INTERFACE
/// up         INTERFACE            it was down
/// local      ADDRESS/LENGTH       a local IPv6 route
/// tun        INTERFACE
/// route      local|unicast  ADDRESS/LENGTH  INTERFACE
/// localrule  PRIORITY             the IPv6 rule of local addresses was moved there from 0
/// rule       UID  TABLE           an IPv6 rule for a user's own source address, with its routing table
/// filter     NAME                 a table of nftables, of IPv6
/// device     PATH  MODE  GID      a device's mode, in octal, and group before ours
/// owner      PATH  UID  GID       whose a device was before ours
/// whitelist  NAME                 a table of nftables, of IPv4
/// locked     USER                 the user's password was locked
/// setting    NAME  VALUE          the value before ours
/// daemon     PIDFILE              a daemon whose process id stands in that file
/// ```
public final class UndoList {
    private static final int MAX_BYTES = 16 * 1024 * 1024;

    /// The first word of each kind of line.
    enum Kind {
        DIRECTORY(1),
        FILE(1),
        USER(2),
        MEMBER(2),
        ADDRESS(2),
        TAP(1),
        UP(1),
        LOCAL(1),
        TUN(1),
        ROUTE(3),
        LOCALRULE(1),
        RULE(2),
        FILTER(1),
        DEVICE(3),
        OWNER(3),
        WHITELIST(1),
        LOCKED(1),
        SETTING(2),
        DAEMON(1);

        private final int words;

        Kind(int words) {
            this.words = words;
        }

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /// One thing that was made.
    record Entry(Kind kind, List<String> words) {
        Entry {
            words = List.copyOf(words);
            if (words.size() != kind.words) {
                throw new IllegalArgumentException(
                        "'" + kind.word() + "' takes " + kind.words + " words, not " + words.size());
            }
            for (var word : words) {
                if (word.isEmpty() || word.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
                    throw new IllegalArgumentException("empty word or control character in: " + words);
                }
            }
        }

        String line() {
            return kind.word() + "\t" + String.join("\t", words);
        }

        @Override
        public String toString() {
            return line().replace('\t', ' ');
        }
    }

    private final Optional<Path> file;
    private final Set<Entry> written = new LinkedHashSet<>();

    private UndoList(Optional<Path> file) {
        this.file = file;
    }

    /// Nothing is written down: what is made stays.
    public static UndoList none() {
        return new UndoList(Optional.empty());
    }

    /// @throws HostException when the file is there and is no such list
    public static UndoList at(Path file) {
        var list = new UndoList(Optional.of(file));
        list.written.addAll(read(file));
        return list;
    }

    /// Whether things are written down at all.
    public boolean isKept() {
        return file.isPresent();
    }

    /// Whether this list says that we made that user.
    public synchronized boolean namesUser(String name) {
        return written.stream()
                .anyMatch(e -> e.kind() == Kind.USER && e.words().getFirst().equals(name));
    }

    synchronized void willMake(List<Entry> entries) {
        if (file.isEmpty()) {
            return;
        }
        var fresh = entries.stream().filter(e -> !written.contains(e)).toList();
        if (fresh.isEmpty()) {
            return;
        }
        var text = fresh.stream().map(e -> e.line() + "\n").collect(Collectors.joining());
        append(file.get(), text);
        written.addAll(fresh);
    }

    void willMake(Kind kind, String... words) {
        willMake(List.of(new Entry(kind, List.of(words))));
    }

    private static void append(Path file, String text) {
        try (var channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (IOException e) {
            throw new HostException(
                    "cannot write " + file + ", the list of what is made on this machine; nothing was made: " + e, e);
        }
    }

    /// The things in the order they were made; a last line cut short by a crash names something never made.
    static List<Entry> read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new HostException(file + " is longer than " + MAX_BYTES + " bytes: not a list of this node");
            }
            var text = Files.readString(file);
            var whole = text.substring(0, text.lastIndexOf('\n') + 1);
            var entries = new ArrayList<Entry>();
            int number = 0;
            for (var line : whole.split("\n", -1)) {
                number++;
                if (!line.isBlank() && !line.startsWith("#")) {
                    entries.add(entry(file, number, line));
                }
            }
            return entries;
        } catch (NoSuchFileException _) {
            return List.of();
        } catch (IOException e) {
            throw new HostException("cannot read " + file + ": " + e, e);
        }
    }

    private static Entry entry(Path file, int number, String line) {
        var words = List.of(line.split("\t", -1));
        try {
            return new Entry(
                    Kind.valueOf(words.getFirst().toUpperCase(java.util.Locale.ROOT)), words.subList(1, words.size()));
        } catch (IllegalArgumentException e) {
            throw new HostException(
                    file + ", line " + number + ": not a thing that can be undone: " + e.getMessage(), e);
        }
    }
}
