package org.slapos.node.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Takes away what an [UndoList] names, last made first. What is gone already is passed over; what the list does not
/// name is left alone. What was undone leaves the list, so that undoing goes on after a failure where it stopped.
public final class Undo {
    private static final Duration DAEMON_ENDS_WITHIN = Duration.ofSeconds(20);
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(2);

    private final LinuxProcesses processes = new LinuxProcesses(LinuxUsers.currentUid() == 0);
    private final LinuxUsers users = new LinuxUsers(processes, UndoList.none());
    private final Consumer<String> say;
    private final Duration daemonEndsWithin;

    /// @param say hears each step, one line
    public Undo(Consumer<String> say) {
        this(say, DAEMON_ENDS_WITHIN);
    }

    Undo(Consumer<String> say, Duration daemonEndsWithin) {
        this.say = say;
        this.daemonEndsWithin = daemonEndsWithin;
    }

    /// @return whether everything the list names is gone; the list itself is then gone too
    /// @throws HostException when somebody else could have written the list
    public boolean undo(Path list) {
        requireOwn(list);
        var made = UndoList.read(list);
        var left = new ArrayList<UndoList.Entry>();
        for (var entry : made.reversed()) {
            try {
                say.accept((one(entry) ? "undone: " : "gone already: ") + entry);
            } catch (HostException e) {
                say.accept("NOT undone: " + entry + ": " + e.getMessage());
                left.addFirst(entry);
            }
        }
        keep(list, left);
        return left.isEmpty();
    }

    /// What the list says is done as the user who calls: it must be that user's word.
    private static void requireOwn(Path list) {
        var facts = LinuxFiles.facts(list);
        if (facts.isEmpty()) {
            return;
        }
        int self = LinuxUsers.currentUid();
        int othersWrite = self == 0 ? 022 : 002; // an ordinary user may share a group with itself alone
        if (facts.get().kind() != FileFacts.Kind.FILE
                || facts.get().uid() != self
                || (facts.get().mode() & othersWrite) != 0) {
            throw new HostException(
                    "refused to undo what " + list + " says: it is no plain file, or others than you may "
                            + "have written it; look what it says, then make it yours with chown and chmod 0600");
        }
    }

    private static void keep(Path list, List<UndoList.Entry> left) {
        try {
            if (left.isEmpty()) {
                Files.deleteIfExists(list);
                return;
            }
            var text = new StringBuilder();
            left.forEach(entry -> text.append(entry.line()).append('\n'));
            // In one step: a list that is lost halfway would leave things on the machine for ever.
            var rest = Path.of(list + ".rest");
            Files.deleteIfExists(rest);
            Files.createFile(rest, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(rest, text, StandardCharsets.UTF_8);
            Files.move(rest, list, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException _) {
            // it lay in a directory that was undone
        } catch (IOException e) {
            throw new HostException("cannot write what is left into " + list + ": " + e, e);
        }
    }

    private boolean one(UndoList.Entry entry) {
        var words = entry.words();
        return switch (entry.kind()) {
            case DIRECTORY -> directory(Path.of(words.getFirst()));
            case FILE -> file(Path.of(words.getFirst()));
            case USER -> user(words.get(0), Path.of(words.get(1)));
            case MEMBER -> member(words.get(0), words.get(1));
            case ADDRESS -> ip("addr", "del", words.get(1), "dev", words.get(0));
            case TAP -> ip("tuntap", "del", "dev", words.getFirst(), "mode", "tap");
            case UP -> ip("link", "set", "dev", words.getFirst(), "down");
            case LOCAL -> ip("-6", "route", "del", "local", words.getFirst(), "dev", "lo");
            case TUN -> ip("tuntap", "del", "dev", words.getFirst(), "mode", "tun");
            case ROUTE -> ip(family(words.get(1)), "route", "del", words.get(0), words.get(1), "dev", words.get(2));
            case LOCALRULE -> localRule(words.getFirst());
            case RULE -> rule(words.get(0), words.get(1));
            case FILTER -> table("ip6", words.getFirst());
            case WHITELIST -> table("ip", words.getFirst());
            case DEVICE -> device(Path.of(words.get(0)), words.get(1), words.get(2));
            case OWNER -> owner(Path.of(words.get(0)), words.get(1), words.get(2));
            case LOCKED -> unlock(words.getFirst());
            case SETTING -> setting(words.get(0), words.get(1));
            case DAEMON -> daemon(Path.of(words.getFirst()));
        };
    }

    private boolean directory(Path path) {
        if (LinuxFiles.facts(path).isEmpty()) {
            return false;
        }
        LinuxFiles.deleteTree(processes, path, false);
        return true;
    }

    private static boolean file(Path path) {
        try {
            return Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new HostException("cannot delete " + path + ": " + e, e);
        }
    }

    private boolean user(String name, Path home) {
        var found = users.one(name);
        if (found.isEmpty()) {
            return false;
        }
        if (!found.get().home().equals(home)) {
            throw new HostException("the user " + name + " has the home "
                    + found.get().home() + " and not " + home + ": it is not the one we made");
        }
        int uid = found.get().uid();
        if (uid != 0) {
            ProcessTree.kill(() -> ProcessTree.ofUser(uid));
        }
        processes.run(Command.of("userdel", name)).orThrow("remove the user " + name);
        return true;
    }

    private boolean member(String user, String group) {
        if (users.one(user).isEmpty()) {
            return false;
        }
        var result = processes.run(Command.of("gpasswd", "--delete", user, group));
        return result.ok();
    }

    /// Runs `ip`; what it does not find is gone already.
    private boolean ip(String... arguments) {
        var line = new ArrayList<>(List.of("ip"));
        line.addAll(List.of(arguments));
        var result = processes.run(Command.of(line));
        var text = result.output();
        if (!result.ok()
                && (text.contains("Cannot find device")
                        || text.contains("Cannot assign requested address")
                        || text.contains("No such process")
                        || text.contains("No such file or directory")
                        || text.contains("FIB table does not exist")
                        || text.contains("No such device"))) {
            return false;
        }
        result.orThrow(String.join(" ", line));
        return true;
    }

    private static String family(String network) {
        return network.contains(":") ? "-6" : "-4";
    }

    /// The rule is back in its place before it leaves the other one: without it the machine has no addresses.
    private boolean localRule(String priority) {
        var now = processes
                .run(Command.of("ip", "-6", "rule", "show"))
                .orThrow("list the routing rules")
                .output();
        if (now.lines().noneMatch(line -> line.startsWith("0:"))) {
            ip("-6", "rule", "add", "pref", "0", "lookup", "local");
        }
        return ip("-6", "rule", "del", "pref", priority, "lookup", "local");
    }

    private boolean rule(String uid, String table) {
        boolean was = ip("-6", "rule", "del", "pref", "50", "uidrange", uid + "-" + uid, "lookup", table);
        processes.run(Command.of("ip", "-6", "route", "flush", "table", table));
        return was;
    }

    private boolean table(String family, String name) {
        var result = processes.run(Command.of("nft", "delete", "table", family, name));
        if (!result.ok() && result.output().contains("No such file or directory")) {
            return false;
        }
        result.orThrow("remove the table " + name + " of nftables");
        return true;
    }

    private static boolean device(Path path, String mode, String gid) {
        var facts = LinuxFiles.facts(path);
        facts.ifPresent(found -> {
            LinuxFiles.setOwner(path, found.uid(), Integer.parseInt(gid));
            LinuxFiles.setMode(path, Integer.parseInt(mode, 8));
        });
        return facts.isPresent();
    }

    private static boolean owner(Path path, String uid, String gid) {
        boolean isThere = LinuxFiles.facts(path).isPresent();
        if (isThere) {
            LinuxFiles.setOwner(path, Integer.parseInt(uid), Integer.parseInt(gid));
        }
        return isThere;
    }

    private boolean unlock(String user) {
        return users.one(user).isPresent()
                && processes.run(Command.of("usermod", "--unlock", user)).ok();
    }

    private static boolean setting(String name, String before) {
        LinuxNetwork.writeSetting(name, before);
        return true;
    }

    /// Asks the daemon to end; kills all it started when it does not.
    private boolean daemon(Path pidFile) {
        var found = pid(pidFile).flatMap(ProcessTree::of);
        if (found.isEmpty() || !wroteItsNumber(found.get(), pidFile)) {
            return false;
        }
        var daemon = found.get();
        var started = entries(ProcessTree.family(daemon.pid()));
        ProcessTree.signal("TERM", Set.of(daemon.pid()));
        var end = System.nanoTime() + daemonEndsWithin.toNanos();
        while (System.nanoTime() < end && isSame(daemon)) {
            try {
                Thread.sleep(50);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        // All that is left of it: the daemon itself when it did not end, and what it left behind.
        ProcessTree.kill(() -> {
            var left = new HashSet<Long>();
            started.stream().filter(Undo::isSame).forEach(entry -> left.addAll(ProcessTree.family(entry.pid())));
            return left;
        });
        return true;
    }

    private static List<ProcessTree.Entry> entries(Set<Long> pids) {
        return pids.stream().flatMap(pid -> ProcessTree.of(pid).stream()).toList();
    }

    private static Optional<Long> pid(Path pidFile) {
        try {
            var text = Files.readString(pidFile).strip();
            return text.matches("[1-9][0-9]{0,9}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /// Whether the process was there when the file was written; otherwise its number was given out again since.
    private static boolean wroteItsNumber(ProcessTree.Entry process, Path pidFile) {
        try {
            var written = Files.getLastModifiedTime(pidFile).toInstant().plus(CLOCK_TOLERANCE);
            return process.startedAt().isBefore(written);
        } catch (IOException _) {
            return false;
        }
    }

    private static boolean isSame(ProcessTree.Entry process) {
        return ProcessTree.of(process.pid()).equals(Optional.of(process));
    }
}
