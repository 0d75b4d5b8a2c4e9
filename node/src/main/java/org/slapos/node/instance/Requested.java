package org.slapos.node.instance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;

/// What the recipes of an instance requested while they ran, as the client library of the field notes it: a title
/// on each line of `.slapos-request-transaction-<partition>`. With it the Master lets go of children that are
/// requested no more.
final class Requested {
    private static final int MAX_BYTES = 1 << 20;

    private Requested() {}

    /// Before the recipes run: what an earlier run noted counts no more.
    static void forget(Partition partition) {
        var file = partition.directory().resolve(name(partition));
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new HostException("cannot delete " + file + ": " + e, e);
        }
    }

    /// Empty when no recipe uses that library.
    static Optional<List<String>> read(Host host, Partition partition) {
        return host.readTenantFile(partition.directory(), name(partition), MAX_BYTES)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> !line.isEmpty())
                        .distinct()
                        .toList());
    }

    private static String name(Partition partition) {
        return ".slapos-request-transaction-" + partition.id();
    }
}
