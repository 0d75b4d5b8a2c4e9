package org.slapos.node.usage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.protocol.PartitionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sizes of partitions when they were last measured, in `var/data-log/sizes.json`. Losing it has them measured
/// again. One thread at a time.
final class PartitionSizes {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionSizes.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILE = "sizes.json";
    private static final int MAX_BYTES = 16 << 20;
    private static final Duration DEADLINE = Duration.ofMinutes(30);

    /// @param when it was measured
    private record Size(Instant when, long kib) {}

    private final Host host;
    private final Path folder;
    private final Map<String, Size> sizes = new TreeMap<>();

    /// As the file says.
    PartitionSizes(Host host, Path folder) {
        this.host = host;
        this.folder = folder;
        try {
            var bytes = host.readTenantFile(folder, FILE, MAX_BYTES);
            if (bytes.isPresent()) {
                JSON.readTree(bytes.get()).properties().forEach(e -> sizes.put(e.getKey(), size(e.getValue())));
            }
        } catch (IOException | HostException | DateTimeException e) {
            LOG.warn("the sizes of partitions are measured again: {}", e.getMessage());
        }
    }

    private static Size size(JsonNode node) {
        return new Size(
                Instant.parse(node.path("when").asText()), node.path("kib").asLong());
    }

    /// 0 when it was never measured.
    long kib(PartitionId id) {
        var size = sizes.get(id.text());
        return size == null ? 0 : size.kib();
    }

    boolean isDue(PartitionId id, Instant now, Duration cycle) {
        var size = sizes.get(id.text());
        return size == null || !now.isBefore(size.when().plus(cycle));
    }

    /// Measures it, and keeps what came out.
    ///
    /// @return its size in KiB; empty when it cannot be measured, which is tried again when it is due the next time
    OptionalLong measure(MeasuredPartition partition, Instant now) {
        var directories = new ArrayList<>(List.of(partition.directory()));
        directories.addAll(externalFolders(partition.directory()));
        OptionalLong found;
        try {
            found = OptionalLong.of(DiskUse.kib(host, directories, DEADLINE));
        } catch (HostException e) {
            LOG.warn("{}: {}", partition.partition(), e.getMessage());
            found = OptionalLong.empty();
        }
        sizes.put(partition.partition().text(), new Size(now, found.orElse(kib(partition.partition()))));
        save();
        return found;
    }

    private void save() {
        var root = JSON.createObjectNode();
        sizes.forEach((id, size) ->
                root.putObject(id).put("when", size.when().toString()).put("kib", size.kib()));
        host.writeFile(folder.resolve(FILE), root.toString().getBytes(StandardCharsets.UTF_8), 0600);
    }

    /// On other disks, as `DATA` of the partition names them; a tenant may only name what is its own.
    private List<Path> externalFolders(Path directory) {
        var owner = host.facts(directory).map(facts -> facts.uid()).orElse(0);
        var found = new ArrayList<Path>();
        var data = directory.resolve("DATA");
        if (Files.isDirectory(data, LinkOption.NOFOLLOW_LINKS)) {
            try (var links =
                    Files.newDirectoryStream(data, link -> Files.isSymbolicLink(link) && Files.isDirectory(link))) {
                for (var link : links) {
                    var target = link.toRealPath();
                    if (host.facts(target)
                            .filter(facts -> facts.isDirectory() && facts.uid() == owner)
                            .isPresent()) {
                        found.add(target);
                    }
                }
            } catch (IOException | DirectoryIteratorException e) {
                LOG.warn("{} cannot be read: {}", data, e.getMessage());
            }
        }
        return found;
    }
}
