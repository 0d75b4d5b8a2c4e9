package org.slapos.master.computer;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// The last thing a node said of an instance or of software (SLAP protocol, access status).
///
/// @param text     `#access ...`, `#error ...` or `#building ...`; empty when nothing was ever reported
/// @param state    the reported state: `started`, `stopped`, `available`, `building`, `destroyed` or empty
/// @param since    first report in a row of the same class
/// @param reported last report, at most a minute old when reports keep coming
public record AccessStatus(String text, String state, Optional<Instant> since, Optional<Instant> reported) {
    /// How long an unchanged report is not written down again.
    private static final Duration REPETITION = Duration.ofMinutes(1);

    private static final int MAX_LENGTH = 1000;

    public static final AccessStatus NONE = new AccessStatus("", "", Optional.empty(), Optional.empty());

    /// What follows a report; the state stays when the report names none.
    public AccessStatus next(String newText, Optional<String> newState, Instant now) {
        var shortened = newText.length() > MAX_LENGTH ? newText.substring(0, MAX_LENGTH) : newText;
        var next = new AccessStatus(shortened, newState.orElse(state), Optional.of(now), Optional.of(now));
        return next.kind().equals(kind()) ? new AccessStatus(next.text, next.state, since, next.reported) : next;
    }

    /// The word before the first blank: `#access`, `#error` or `#building`.
    public String kind() {
        int blank = text.indexOf(' ');
        return blank < 0 ? text : text.substring(0, blank);
    }

    /// Whether nothing is worth writing when this replaces `before`.
    public boolean repeats(AccessStatus before) {
        return text.equals(before.text)
                && state.equals(before.state)
                && before.reported
                        .flatMap(last -> reported.map(now -> now.isBefore(last.plus(REPETITION))))
                        .orElse(false);
    }
}
