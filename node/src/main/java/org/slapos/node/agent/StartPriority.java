package org.slapos.node.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.InstanceInformation;

/// In which order services come back after a power cut: a whole number from 0 to 100, the highest first, 50 when nobody
/// says otherwise. What the node's operator says of a partition (`start_priority` in `slapos.cfg`) counts; else the
/// parameter `start-priority` of its instance.
final class StartPriority {
    static final int DEFAULT = 50;
    static final int HIGHEST = 100;
    private static final String PARAMETER = "start-priority";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Integer> byPartition = new HashMap<>();

    /// @param promised the last that is known of the Master's promise
    StartPriority(Map<String, Integer> ofOperator, Optional<ComputerInformation> promised) {
        promised.stream()
                .flatMap(information -> information.partitions().stream())
                .flatMap(partition -> partition.instance().stream())
                .forEach(instance -> declared(instance)
                        .ifPresent(
                                priority -> byPartition.put(instance.partition().text(), priority)));
        byPartition.putAll(ofOperator);
    }

    /// @param group of the supervisor: a partition's, or one beside it (`slappart3-socat`)
    int of(String group) {
        var own = byPartition.get(group);
        if (own != null) {
            return own;
        }
        int dash = group.lastIndexOf('-');
        return dash < 0 ? DEFAULT : of(group.substring(0, dash));
    }

    /// The highest first; of equals the one with the lower number.
    Comparator<String> order() {
        return Comparator.<String>comparingInt(group -> -of(group))
                .thenComparingInt(String::length)
                .thenComparing(Comparator.naturalOrder());
    }

    private static Optional<Integer> declared(InstanceInformation instance) {
        var parameters = instance.parameters();
        var plain = Optional.ofNullable(parameters.get(PARAMETER));
        return plain.or(() -> Optional.ofNullable(parameters.get("_")).flatMap(StartPriority::inDocument))
                .map(String::strip)
                .filter(text -> text.matches("\\d{1,3}"))
                .map(Integer::valueOf)
                .filter(number -> number <= HIGHEST);
    }

    private static Optional<String> inDocument(String document) {
        try {
            var value = JSON.readTree(document).path(PARAMETER);
            return value.isValueNode() ? Optional.of(value.asText()) : Optional.empty();
        } catch (JsonProcessingException _) {
            return Optional.empty(); // said by whoever uses the parameters
        }
    }
}
