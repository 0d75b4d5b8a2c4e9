package org.slapos.node.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The user database, through the system's own tools, so that every source of users counts; owners of files, which are
/// looked up all the time, first in the system's own files.
final class LinuxUsers {
    private static final int SOME_NOT_FOUND = 2;

    private final LinuxProcesses processes;
    private final UndoList undoList;
    private final UserFiles files = new UserFiles(Path.of("/etc/passwd"), Path.of("/etc/group"));

    LinuxUsers(LinuxProcesses processes, UndoList undoList) {
        this.processes = processes;
        this.undoList = undoList;
    }

    /// The uid the kernel knows this process by.
    static int currentUid() {
        return idOf("Uid:");
    }

    static int currentGid() {
        return idOf("Gid:");
    }

    /// The effective id on that line of `/proc/self/status`.
    private static int idOf(String line) {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(l -> l.startsWith(line))
                    .map(l -> Integer.parseInt(l.split("\\s+", -1)[2]))
                    .findFirst()
                    .orElseThrow(() -> new HostException("no line " + line + " in /proc/self/status"));
        } catch (IOException e) {
            throw new HostException("cannot read /proc/self/status: " + e, e);
        }
    }

    Map<String, UnixUser> byName(Collection<String> names) {
        var found = new LinkedHashMap<String, UnixUser>();
        names.forEach(LinuxUsers::checkName);
        if (!names.isEmpty()) {
            lookUp(names).forEach(user -> found.put(user.name(), user));
        }
        return found;
    }

    UnixUser byIds(int uid, int gid) {
        var known = files.byUid(uid)
                .or(() -> lookUp(List.of(Integer.toString(uid))).stream().findFirst());
        return known.map(user -> new UnixUser(user.name(), uid, gid, with(user.groups(), gid), user.home()))
                .orElseGet(() -> new UnixUser(Integer.toString(uid), uid, gid, List.of(gid), Path.of("/")));
    }

    private static List<Integer> with(List<Integer> groups, int gid) {
        var all = new ArrayList<>(groups);
        if (!all.contains(gid)) {
            all.add(gid);
        }
        return all;
    }

    private List<UnixUser> lookUp(Collection<String> keys) {
        var lines = getent("passwd", keys);
        var names = lines.stream().map(line -> line.split(":", -1)[0]).toList();
        var groups = names.isEmpty() ? Map.<String, List<Integer>>of() : groups(names);
        return lines.stream()
                .map(line -> line.split(":", -1))
                .map(fields -> {
                    int gid = Integer.parseInt(fields[3]);
                    return new UnixUser(
                            fields[0],
                            Integer.parseInt(fields[2]),
                            gid,
                            with(groups.getOrDefault(fields[0], List.of()), gid),
                            Path.of(fields[5]));
                })
                .toList();
    }

    private Map<String, List<Integer>> groups(Collection<String> names) {
        var found = new HashMap<String, List<Integer>>();
        for (var line : getent("initgroups", names)) {
            var words = line.strip().split("\\s+", -1);
            found.put(
                    words[0],
                    Arrays.stream(words).skip(1).map(Integer::parseInt).toList());
        }
        return found;
    }

    private List<String> getent(String database, Collection<String> keys) {
        var line = new ArrayList<>(List.of("getent", database));
        line.addAll(keys);
        var found = new ArrayList<String>();
        var result = processes.run(Command.of(line).withOnLine(found::add));
        if (result.status() != SOME_NOT_FOUND) {
            result.orThrow("read the user database (" + database + ")");
        }
        return found.stream().filter(Predicate.not(String::isBlank)).toList();
    }

    void create(String name, Path home, List<String> groups) {
        checkName(name);
        if (!lookUp(List.of(name)).isEmpty()) {
            throw new HostException("user " + name + " is there already");
        }
        undoList.willMake(UndoList.Kind.USER, name, home.toString());
        var line = new ArrayList<>(List.of(
                "useradd",
                "--system",
                group(name).isPresent() ? "--gid=" + name : "--user-group",
                "--no-create-home",
                "--shell",
                "/bin/sh",
                "--home-dir",
                home.toString()));
        if (!groups.isEmpty()) {
            groups.forEach(LinuxUsers::checkName);
            line.add("--groups=" + String.join(",", groups));
        }
        line.add(name);
        processes.run(Command.of(line)).orThrow("make the user " + name);
    }

    void addToGroup(String user, String group) {
        checkName(user);
        checkName(group);
        undoList.willMake(UndoList.Kind.MEMBER, user, group);
        processes
                .run(Command.of("usermod", "--append", "--groups", group, user))
                .orThrow("add the user " + user + " to the group " + group);
    }

    Optional<Integer> group(String name) {
        checkName(name);
        return getent("group", List.of(name)).stream()
                .findFirst()
                .map(line -> Integer.parseInt(line.split(":", -1)[2]));
    }

    /// A locked password begins with `!` or `*`, which is the hash of no password.
    Set<String> withPassword(Collection<String> names) {
        names.forEach(LinuxUsers::checkName);
        return names.isEmpty()
                ? Set.of()
                : getent("shadow", names).stream()
                        .map(line -> line.split(":", -1))
                        .filter(fields -> !fields[1].startsWith("!") && !fields[1].startsWith("*"))
                        .map(fields -> fields[0])
                        .collect(Collectors.toSet());
    }

    void lockPassword(String user) {
        checkName(user);
        undoList.willMake(UndoList.Kind.LOCKED, user);
        processes.run(Command.of("usermod", "--lock", user)).orThrow("lock the password of " + user);
    }

    Optional<UnixUser> one(String name) {
        return Optional.ofNullable(byName(List.of(name)).get(name));
    }

    /// @throws HostException for a name that a tool could take for an option, or a number
    static void checkName(String name) {
        if (!name.matches("[a-zA-Z_][a-zA-Z0-9_.-]{0,31}")) {
            throw new HostException("'" + name + "' is no name for a user or group: 1 to 32 letters, digits, '.', '_' "
                    + "or '-', beginning with a letter");
        }
    }
}
