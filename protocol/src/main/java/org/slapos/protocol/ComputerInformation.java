package org.slapos.protocol;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// The complete promise to a Computer: all its partitions, free ones included, and all its software
/// (SLAP protocol, getFullComputerInformation).
///
/// @param unreadable of each partition that is not among `partitions` since it cannot be read, why: one that a newer
///                   Master describes in words unknown here is left as it is, and holds up none of the others
public record ComputerInformation(
        ComputerId computer,
        List<PartitionInformation> partitions,
        List<SoftwareInformation> software,
        List<String> unreadable) {
    public ComputerInformation {
        partitions = List.copyOf(partitions);
        software = List.copyOf(software);
        unreadable = List.copyOf(unreadable);
    }

    public ComputerInformation(
            ComputerId computer, List<PartitionInformation> partitions, List<SoftwareInformation> software) {
        this(computer, partitions, software, List.of());
    }

    public byte[] write() {
        var attributes = new LinkedHashMap<String, Value>();
        attributes.put("_computer_id", Value.of(computer.text()));
        attributes.put(
                "_computer_partition_list",
                Value.list(partitions.stream().map(p -> p.toValue(false)).toList()));
        attributes.put(
                "_software_release_list",
                Value.list(software.stream().map(s -> s.toValue(computer)).toList()));
        return MarshalWriter.bytes(
                new Value.SlapObject("Computer", List.of(Value.of(computer.text())), new Value.Dictionary(attributes)));
    }

    /// @throws MalformedException when it is not such a document
    public static ComputerInformation read(byte[] document) {
        return of(MarshalReader.read(document));
    }

    /// @throws MalformedException when it is not such a document
    public static ComputerInformation of(Value value) {
        var attributes = value.asObject("Computer").attributes();
        var partitions = new ArrayList<PartitionInformation>();
        var unreadable = new ArrayList<String>();
        for (var item : attributes.items("_computer_partition_list")) {
            try {
                partitions.add(PartitionInformation.of(item));
            } catch (MalformedException e) {
                unreadable.add(PartitionInformation.name(item) + ": " + e.getMessage());
            }
        }
        return new ComputerInformation(
                new ComputerId(attributes.requiredText("_computer_id")),
                partitions,
                attributes.items("_software_release_list").stream()
                        .map(SoftwareInformation::of)
                        .toList(),
                unreadable);
    }
}
