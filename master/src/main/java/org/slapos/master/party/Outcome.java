package org.slapos.master.party;

import java.util.function.Function;
import org.slapos.master.Problem;

/// How a wish about parties ends.
///
/// @param <T> what it brings when it is fulfilled
public sealed interface Outcome<T> {
    record Done<T>(T value) implements Outcome<T> {}

    record Refused<T>(Problem problem) implements Outcome<T> {}

    static <T> Outcome<T> refused(Problem problem) {
        return new Refused<>(problem);
    }

    /// The same refusal, or what becomes of the value.
    default <R> Outcome<R> then(Function<T, Outcome<R>> next) {
        return switch (this) {
            case Done<T>(var value) -> next.apply(value);
            case Refused<T>(var problem) -> new Refused<>(problem);
        };
    }
}
