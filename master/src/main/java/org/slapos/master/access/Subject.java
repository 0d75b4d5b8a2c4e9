package org.slapos.master.access;

import java.util.Optional;
import org.slapos.master.instance.WhichInstance;
import org.slapos.protocol.ComputerId;

/// What a call is about, as far as rights go: a Computer, an instance (on it, unless it waits for a place), or neither.
public record Subject(Optional<ComputerId> computer, Optional<WhichInstance> instance) {
    public static final Subject NONE = new Subject(Optional.empty(), Optional.empty());

    public static Subject of(ComputerId computer) {
        return new Subject(Optional.of(computer), Optional.empty());
    }

    public static Subject of(ComputerId computer, WhichInstance instance) {
        return new Subject(Optional.of(computer), Optional.of(instance));
    }

    /// An instance, wherever it is.
    public static Subject named(String reference) {
        return new Subject(Optional.empty(), Optional.of(new WhichInstance.Named(reference)));
    }

    /// ` about COMP-1, partition slappart0`, as the end of a sentence.
    String words() {
        return instance.map(which -> " about " + words(which))
                .or(() -> computer.map(reference -> " about " + reference))
                .orElse("");
    }

    private static String words(WhichInstance which) {
        return switch (which) {
            case WhichInstance.InPartition(var computer, var partition) -> computer + ", partition " + partition;
            case WhichInstance.SharedIn(var computer, var partition, var reference) ->
                computer + ", partition " + partition + ", shared instance " + reference;
            case WhichInstance.Named(var reference) -> reference;
        };
    }
}
