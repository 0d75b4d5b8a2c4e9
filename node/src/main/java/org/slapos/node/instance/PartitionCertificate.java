package org.slapos.node.instance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.client.SlapClient;

/// The certificate and key of the instance in a partition: `<folder>/<partition>.crt` and `.key`, 0400, of the
/// partition's user.
final class PartitionCertificate {
    private static final int MAX_BYTES = 1 << 20;

    private final Host host;
    private final Optional<Path> folder;

    /// @param folder none = instances get no certificate
    PartitionCertificate(Host host, Optional<Path> folder) {
        this.host = host;
        this.folder = folder;
    }

    Optional<Path> folder() {
        return folder;
    }

    /// Fetches both from the Master and writes what differs.
    ///
    /// @return where they are; none when the Master gives none, as a proxy
    Optional<Path> update(SlapClient master, Partition partition) {
        if (folder.isEmpty()) {
            return folder;
        }
        var pair = master.partitionCertificate(partition.instance().computer(), partition.id());
        if (pair.certificate().isEmpty() || pair.key().isEmpty()) {
            delete(partition.id());
            return Optional.empty();
        }
        write(folder.get(), partition, ".crt", pair.certificate());
        write(folder.get(), partition, ".key", pair.key());
        return folder;
    }

    private void write(Path directory, Partition partition, String suffix, String pem) {
        var name = partition.id() + suffix;
        var wanted = pem.getBytes(StandardCharsets.UTF_8);
        var present = host.readTenantFile(directory, name, MAX_BYTES);
        if (present.isEmpty() || !Arrays.equals(present.get(), wanted)) {
            var owner = partition.owner();
            host.writeTenantFile(directory, name, wanted, 0400, owner.uid(), owner.gid());
        }
    }

    void delete(PartitionId partition) {
        for (var suffix : new String[] {".crt", ".key"}) {
            try {
                if (folder.isPresent()) {
                    Files.deleteIfExists(folder.get().resolve(partition + suffix));
                }
            } catch (IOException e) {
                throw new HostException("cannot delete the certificate of " + partition + ": " + e, e);
            }
        }
    }
}
