package org.slapos.node.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The users of `/etc/passwd` and `/etc/group`, kept until either file is another one: looking up the owners of
/// hundreds of partitions starts no process. Users of other sources are not here.
final class UserFiles {
    private final Path passwd;
    private final Path group;
    private List<Object> seen = List.of();
    private Map<Integer, UnixUser> byUid = Map.of();

    UserFiles(Path passwd, Path group) {
        this.passwd = passwd;
        this.group = group;
    }

    synchronized Optional<UnixUser> byUid(int uid) {
        try {
            var now = List.<Object>of(mark(passwd), mark(group));
            if (!now.equals(seen)) {
                byUid = read();
                seen = now;
            }
            return Optional.ofNullable(byUid.get(uid));
        } catch (IOException | NumberFormatException _) {
            seen = List.of();
            return Optional.empty(); // the system's own tool knows better
        }
    }

    private record Mark(FileTime modified, long size, Object key) {}

    private static Mark mark(Path file) throws IOException {
        var is = Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class);
        return new Mark(is.lastModifiedTime(), is.size(), String.valueOf(is.fileKey()));
    }

    private Map<Integer, UnixUser> read() throws IOException {
        var groups = new HashMap<String, List<Integer>>();
        for (var line : Files.readAllLines(group)) {
            var fields = line.split(":", -1);
            if (fields.length == 4) {
                for (var member : fields[3].split(",", -1)) {
                    groups.computeIfAbsent(member, _ -> new ArrayList<>()).add(Integer.parseInt(fields[2]));
                }
            }
        }
        var users = new HashMap<Integer, UnixUser>();
        for (var line : Files.readAllLines(passwd)) {
            var fields = line.split(":", -1);
            if (fields.length == 7 && !fields[0].startsWith("+") && !fields[0].startsWith("-")) {
                int uid = Integer.parseInt(fields[2]);
                int gid = Integer.parseInt(fields[3]);
                var all = new ArrayList<>(groups.getOrDefault(fields[0], List.of()));
                if (!all.contains(gid)) {
                    all.add(gid);
                }
                users.putIfAbsent(uid, new UnixUser(fields[0], uid, gid, all, Path.of(fields[5])));
            }
        }
        return users;
    }
}
