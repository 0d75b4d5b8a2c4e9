package org.slapos.node.doctor;

import java.util.Optional;

/// What one check found.
///
/// @param check a word for it, the same for ever: `users`, `tap`, `clock`
/// @param said  what was seen, in one sentence
/// @param mend  what to do about it
public record Finding(String check, Verdict verdict, String said, Optional<String> mend) {
    public enum Verdict {
        /// It was tried, and works.
        WELL,
        /// Partitions live without it, some software does not.
        WARNING,
        /// Partitions will not work.
        FAILED,
        /// There is nothing to try: the configuration does not want it.
        SKIPPED
    }

    static Finding well(String check, String said) {
        return new Finding(check, Verdict.WELL, said, Optional.empty());
    }

    static Finding warning(String check, String said, String mend) {
        return new Finding(check, Verdict.WARNING, said, Optional.of(mend));
    }

    static Finding failed(String check, String said, String mend) {
        return new Finding(check, Verdict.FAILED, said, Optional.of(mend));
    }

    static Finding skipped(String check, String why) {
        return new Finding(check, Verdict.SKIPPED, why, Optional.empty());
    }
}
