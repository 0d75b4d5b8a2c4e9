package org.slapos.node.instance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What an instance asks of its node in a file of its own: a list in JSON. Whoever writes it is not to be trusted.
///
/// @param isThere whether there is such a file, whatever stands in it
/// @param list    empty when there is none, or it is no list
record RequestFile(boolean isThere, Optional<List<JsonNode>> list) {
    private static final Logger LOG = LoggerFactory.getLogger(RequestFile.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_BYTES = 256 * 1024;
    private static final int MAX_ENTRIES = 1000;

    /// @param name below the partition
    static RequestFile read(Host host, Partition partition, String name) {
        try {
            var bytes = host.readTenantFile(partition.directory(), name, MAX_BYTES);
            if (bytes.isEmpty()) {
                return new RequestFile(false, Optional.empty());
            }
            var root = JSON.readTree(bytes.get());
            if (root.isArray() && root.size() <= MAX_ENTRIES) {
                return new RequestFile(true, Optional.of(root.valueStream().toList()));
            }
            LOG.warn("{}: {} is no list of up to {} entries", partition.id(), name, MAX_ENTRIES);
        } catch (IOException e) {
            LOG.warn("{}: {} cannot be read as JSON", partition.id(), name);
        } catch (HostException e) {
            LOG.warn("{}: {}", partition.id(), e.getMessage());
        }
        return new RequestFile(true, Optional.empty());
    }
}
