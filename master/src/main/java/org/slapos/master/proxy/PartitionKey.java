package org.slapos.master.proxy;

/// A ComputerPartition by its Computer and its own reference.
record PartitionKey(String computer, String partition) {
    /// What SLAP v1 calls the instance there: `<computer>-<partition>`.
    String guid() {
        return computer + "-" + partition;
    }
}
