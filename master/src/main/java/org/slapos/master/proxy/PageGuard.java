package org.slapos.master.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Door;
import org.slapos.master.http.Mount;
import org.slapos.protocol.Reason;

/// Keeps the pages of other sites out. Whoever reaches the port is its user, and so would be each page that the user's
/// browser shows: it may post forms to loopback, and a name that it makes point there (DNS rebinding) lets it read the
/// answers as well. So a proxy answers to addresses and to its own names only, and changes nothing for a page that did
/// not come from itself.
final class PageGuard {
    private static final Set<String> ONLY_ASK = Set.of("GET", "HEAD", "OPTIONS");

    private final Set<String> names = new TreeSet<>(Set.of("localhost"));

    /// @param names beside those of loopback and of this machine
    PageGuard(List<String> names) {
        names.forEach(name -> this.names.add(name.toLowerCase(Locale.ROOT)));
        try {
            this.names.add(Files.readString(Path.of("/proc/sys/kernel/hostname"))
                    .strip()
                    .toLowerCase(Locale.ROOT));
        } catch (IOException _) {
            // without a name of its own
        }
    }

    Mount guarded(Mount mount) {
        Door door = call -> {
            var why = refusal(call);
            return why.isPresent()
                    ? Answer.text(403, why.get()).with(Reason.HEADER, Reason.encode(why.get()))
                    : mount.door().answer(call);
        };
        return new Mount(mount.path(), door);
    }

    private Optional<String> refusal(Call call) {
        var host = call.header("host").orElse("");
        if (!isOurs(host.replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT))) {
            return Optional.of("This proxy is not called '" + host
                    + "': call it by its address, or name it in server_name_list of [slapproxy]");
        }
        var origin = call.header("origin").orElse("");
        return origin.isEmpty() || ONLY_ASK.contains(call.method()) || origin.endsWith("://" + host)
                ? Optional.empty()
                : Optional.of("A page of '" + origin + "' changes nothing here");
    }

    /// An address cannot be made to point elsewhere.
    private boolean isOurs(String name) {
        return name.isEmpty()
                || name.startsWith("[")
                || name.matches("[0-9.]+")
                || name.endsWith(".localhost")
                || names.contains(name);
    }
}
