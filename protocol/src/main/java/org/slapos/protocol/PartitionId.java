package org.slapos.protocol;

/// The reference of a ComputerPartition on its Computer, such as `slappart3`.
public record PartitionId(String text) {
    /// @throws MalformedException when it is empty, longer than 200 characters, or could be read as a path or a
    /// list
    public PartitionId {
        text = Reference.checked("PartitionId", text);
    }

    @Override
    public String toString() {
        return text;
    }
}
