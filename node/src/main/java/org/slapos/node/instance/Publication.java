package org.slapos.node.instance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slapos.node.host.Host;

/// The connection parameters that the recipes of an instance leave in `.slapos-publish.json`: an object of texts.
final class Publication {
    private static final String NAME = ".slapos-publish.json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_BYTES = 1 << 20;

    private Publication() {}

    /// Empty when the instance publishes nothing. A value that is no text is published as its JSON.
    static Optional<Map<String, String>> read(Host host, Partition partition) {
        return host.readTenantFile(partition.directory(), NAME, MAX_BYTES).map(Publication::parse);
    }

    private static Map<String, String> parse(byte[] bytes) {
        var published = new TreeMap<String, String>();
        var document = document(bytes);
        if (!document.isObject()) {
            throw new PartitionFailure(
                    NAME + " must be one JSON object of names and texts: see the part that writes it");
        }
        document.properties().forEach(entry -> {
            var value = entry.getValue();
            published.put(entry.getKey(), value.isTextual() ? value.asText() : value.toString());
        });
        return published;
    }

    private static JsonNode document(byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (IOException e) {
            throw new PartitionFailure(NAME + " is not JSON: " + e.getMessage());
        }
    }
}
