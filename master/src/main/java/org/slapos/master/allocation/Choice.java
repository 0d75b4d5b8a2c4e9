package org.slapos.master.allocation;

import java.util.Comparator;
import java.util.Optional;

/// A Computer that fits, and what it costs there.
///
/// @param excess how much more hardware it has than demanded; 0 = just what is demanded
record Choice(Offer offer, Price.Monthly price, double excess) {
    /// The cheapest first (of several currencies in their alphabetical order, since no rate between them is known),
    /// then what exceeds the demands least, then what has most free partitions, then the oldest.
    static Comparator<Choice> best(Optional<String> capability) {
        return Comparator.comparing((Choice choice) ->
                        choice.price().isFree() ? "" : choice.price().currency())
                .thenComparingLong(choice -> choice.price().micro())
                .thenComparingDouble(Choice::excess)
                .thenComparingInt(choice -> -choice.offer().free(capability))
                .thenComparingLong(choice -> choice.offer().id());
    }
}
