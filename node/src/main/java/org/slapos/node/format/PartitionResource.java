package org.slapos.node.format;

import org.slapos.protocol.ComputerConfiguration.Partition;

/// The file `.slapos-resource` of a partition: what it has, as JSON with sorted keys.
final class PartitionResource {
    static final String FILE_NAME = ".slapos-resource";

    private PartitionResource() {}

    static String json(Partition partition) {
        return JsonText.of(partition.toValue());
    }
}
