package org.slapos.master.instance;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.slapos.master.Problem;

/// How many new instances one requester may want in a project within a time, so that nobody takes all there is to sell
/// it on. What a requester has already may be changed at any time, and what an instance requests for its tree is not
/// counted.
public record Brake(int requests, Duration per) {
    /// Nothing, or how long to wait.
    ///
    /// @param latest when the last ones were requested, the latest first
    Optional<Problem> refusal(String requester, String project, List<Instant> latest, Instant now) {
        if (latest.size() < requests) {
            return Optional.empty();
        }
        var again = latest.get(requests - 1).plus(per);
        var wait = Duration.between(now, again);
        if (wait.isNegative() || wait.isZero()) {
            return Optional.empty();
        }
        return Optional.of(Problem.limited(
                requester + " has requested " + requests + " new instance" + (requests == 1 ? "" : "s") + " within "
                        + words(per) + ", which is the most in " + project + ": ask again at "
                        + again.plusMillis(999).truncatedTo(ChronoUnit.SECONDS) + ", in " + words(wait)
                        + ". What is there already can be changed at any time",
                wait));
    }

    /// `1 h 30 min`, `45 s`.
    static String words(Duration time) {
        long seconds = Math.max(1, time.plusMillis(999).toSeconds());
        long hours = seconds / 3600;
        long minutes = seconds % 3600 / 60;
        var text = (hours > 0 ? hours + " h " : "")
                + (minutes > 0 ? minutes + " min " : "")
                + (seconds % 60 > 0 ? seconds % 60 + " s" : "");
        return text.strip();
    }
}
