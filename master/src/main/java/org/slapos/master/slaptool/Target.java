package org.slapos.master.slaptool;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.master.access.Subject;
import org.slapos.master.instance.WhichInstance;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.Form;
import org.slapos.protocol.PartitionId;

/// What a call is about: a Computer, one of its partitions, a shared instance there, or nothing of these.
record Target(
        @Nullable ComputerId computerOrNone,
        @Nullable PartitionId partitionOrNone,
        @Nullable String sharedOrNone,
        @Nullable String meantOrNone) {
    static final Target NONE = new Target(null, null, null, null);

    static Target computer(Form form) {
        return new Target(new ComputerId(form.required("computer_id")), null, null, null);
    }

    static Target partition(Form form) {
        return partition(form, "computer_id", "computer_partition_id");
    }

    /// The instance in a partition, or the shared one there that `slave_reference` names.
    static Target instance(Form form) {
        return partition(form).orShared(form);
    }

    /// The instance in whose name a request is made, if in one's.
    static Target asking(Form form) {
        return form.get("computer_id").filter(id -> !id.isEmpty()).isPresent() ? partition(form) : NONE;
    }

    /// With the names that only `registerComputerPartition` uses.
    static Target registered(Form form) {
        return partition(form, "computer_reference", "computer_partition_reference");
    }

    private static Target partition(Form form, String computer, String partition) {
        return new Target(
                new ComputerId(form.required(computer)), new PartitionId(form.required(partition)), null, null);
    }

    static Target of(ComputerId computer) {
        return new Target(computer, null, null, null);
    }

    ComputerId computer() {
        return Optional.ofNullable(computerOrNone).orElseThrow();
    }

    PartitionId partition() {
        return Optional.ofNullable(partitionOrNone).orElseThrow();
    }

    Subject subject() {
        if (computerOrNone == null) {
            return Subject.NONE;
        }
        return partitionOrNone == null ? Subject.of(computerOrNone) : Subject.of(computerOrNone, instance());
    }

    /// The same, of this instance and no other that may have come there since.
    Target meaning(Optional<String> reference) {
        return reference
                .map(meant -> new Target(computerOrNone, partitionOrNone, sharedOrNone, meant))
                .orElse(this);
    }

    /// Whether that one, or nobody in particular, is meant.
    boolean means(String reference) {
        return meantOrNone == null || meantOrNone.equals(reference);
    }

    /// The instance it is about: that in the partition, or the shared one.
    WhichInstance instance() {
        if (meantOrNone != null) {
            return new WhichInstance.Named(meantOrNone);
        }
        return sharedOrNone == null
                ? new WhichInstance.InPartition(computer(), partition())
                : new WhichInstance.SharedIn(computer(), partition(), sharedOrNone);
    }

    /// In whose name a request is made, if in another's: the instance for which the caller had the right to.
    Optional<WhichInstance> asker() {
        return computerOrNone == null ? Optional.empty() : Optional.of(instance());
    }

    /// The same, or the shared instance there when the form names one.
    Target orShared(Form form) {
        return form.get("slave_reference")
                .filter(reference -> !reference.isEmpty())
                .map(reference -> new Target(computerOrNone, partitionOrNone, reference, null))
                .orElse(this);
    }
}
