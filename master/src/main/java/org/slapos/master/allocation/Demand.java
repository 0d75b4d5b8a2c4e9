package org.slapos.master.allocation;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.master.computer.Characteristic;
import org.slapos.master.computer.Quantity;
import org.slapos.master.computer.Trait;

/// What a Computer must be: in a place of a tree, or of an amount.
public record Demand(Characteristic characteristic, Comparison comparison, Trait wanted) {
    /// A place of a tree is only ever compared by [#EQUAL], which those below it meet, too.
    public enum Comparison {
        AT_LEAST(">="),
        AT_MOST("<="),
        EQUAL("=");

        private final String sign;

        Comparison(String sign) {
            this.sign = sign;
        }
    }

    boolean isMetBy(@Nullable Trait trait) {
        return switch (wanted) {
            case Trait.Label(var path) -> trait instanceof Trait.Label label && label.isWithin(path);
            case Trait.Amount(var amount) -> trait instanceof Trait.Amount(var has) && compares(has, amount);
        };
    }

    private boolean compares(Quantity has, Quantity amount) {
        int order = has.compareTo(amount);
        return switch (comparison) {
            case AT_LEAST -> order >= 0;
            case AT_MOST -> order <= 0;
            case EQUAL -> order == 0;
        };
    }

    /// How many times as much as demanded that is; 1 where nothing is too much.
    double excess(@Nullable Trait trait) {
        return comparison == Comparison.AT_LEAST
                        && wanted instanceof Trait.Amount(var amount)
                        && trait instanceof Trait.Amount(var has)
                        && amount.amount() > 0
                ? (double) has.amount() / amount.amount()
                : 1;
    }

    /// How much would have to be given up for that trait: the larger, the more; nothing when there is none.
    Optional<Double> distance(@Nullable Trait trait) {
        return switch (trait) {
            case null -> Optional.empty();
            case Trait.Label(var path) -> Optional.of((double) stepsApart(path, wanted.text()));
            case Trait.Amount(var has)
            when wanted instanceof Trait.Amount(var amount) ->
                Optional.of(Math.abs(Math.log((has.amount() + 1.0) / (amount.amount() + 1.0))));
            case Trait.Amount _ -> Optional.empty();
        };
    }

    private static int stepsApart(String one, String other) {
        var left = one.split("/", -1);
        var right = other.split("/", -1);
        int common = 0;
        while (common < left.length && common < right.length && left[common].equals(right[common])) {
            common++;
        }
        return left.length + right.length - 2 * common;
    }

    /// As one writes it: `memory>=64GB`.
    @Override
    public String toString() {
        return characteristic.wire() + comparison.sign + wanted.text();
    }
}
