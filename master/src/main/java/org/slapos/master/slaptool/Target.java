package org.slapos.master.slaptool;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.Form;
import org.slapos.protocol.PartitionId;

/// What a call is about: a Computer, one of its partitions, or neither.
record Target(@Nullable ComputerId computerOrNone, @Nullable PartitionId partitionOrNone) {
    static final Target NONE = new Target(null, null);

    static Target computer(Form form) {
        return new Target(new ComputerId(form.required("computer_id")), null);
    }

    static Target partition(Form form) {
        return partition(form, "computer_id", "computer_partition_id");
    }

    /// With the names that only `registerComputerPartition` uses.
    static Target registered(Form form) {
        return partition(form, "computer_reference", "computer_partition_reference");
    }

    private static Target partition(Form form, String computer, String partition) {
        return new Target(new ComputerId(form.required(computer)), new PartitionId(form.required(partition)));
    }

    static Target of(ComputerId computer) {
        return new Target(computer, null);
    }

    ComputerId computer() {
        return Optional.ofNullable(computerOrNone).orElseThrow();
    }

    PartitionId partition() {
        return Optional.ofNullable(partitionOrNone).orElseThrow();
    }
}
