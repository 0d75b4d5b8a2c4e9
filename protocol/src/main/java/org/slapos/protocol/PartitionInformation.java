package org.slapos.protocol;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.slapos.protocol.marshal.Value;

/// A ComputerPartition as its node sees it: free, or holding an instance.
public record PartitionInformation(ComputerId computer, PartitionId partition, Optional<InstanceInformation> instance) {
    /// What `registerComputerPartition` answers, and each item of [ComputerInformation].
    ///
    /// @param synced whether the document says that it is fresh, as only `registerComputerPartition` does
    public Value toValue(boolean synced) {
        return instance.map(found -> found.toComputerPartition(synced)).orElseGet(this::free);
    }

    /// Reads a `ComputerPartition`.
    ///
    /// @throws MalformedException when a mandatory attribute is missing
    public static PartitionInformation of(Value value) {
        var attributes = value.asObject("ComputerPartition").attributes();
        var busy = attributes.get("_software_release_document").isPresent();
        return new PartitionInformation(
                new ComputerId(attributes.requiredText("_computer_id")),
                new PartitionId(attributes.requiredText("_partition_id")),
                busy ? Optional.of(InstanceInformation.ofComputerPartition(value)) : Optional.empty());
    }

    /// What a description that cannot be read calls its partition.
    static String name(Value value) {
        return value instanceof Value.SlapObject object
                ? object.attributes()
                        .get("_partition_id")
                        .filter(Value.Text.class::isInstance)
                        .map(Value::asText)
                        .orElse("a partition")
                : "a partition";
    }

    private Value free() {
        var attributes = new LinkedHashMap<String, Value>();
        attributes.put("_computer_id", Value.of(computer.text()));
        attributes.put("_need_modification", Value.of(0));
        attributes.put("_partition_id", Value.of(partition.text()));
        attributes.put("_request_dict", Value.none());
        attributes.put("_requested_state", Value.of("destroyed"));
        attributes.put("_software_release_document", Value.none());
        return new Value.SlapObject(
                "ComputerPartition",
                List.of(Value.of(computer.text()), Value.of(partition.text()), Value.none()),
                new Value.Dictionary(attributes));
    }
}
