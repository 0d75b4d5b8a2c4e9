package org.slapos.master.allocation;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slapos.protocol.ComputerId;

/// Why there is a place or none: what is true of each Computer, and the cheapest change that would make one fit. Pure.
///
/// @param verdicts one for each Computer
public record Explanation(Wanted wanted, List<Verdict> verdicts) {
    private static final int NAMED_AT_MOST = 5;

    public Explanation {
        verdicts = List.copyOf(verdicts);
    }

    /// @param rule     the first that it fails on
    /// @param failures on how many it does
    /// @param remedy   the one change that would make it fit; nothing when it takes several, or no change
    public record Verdict(
            ComputerId computer, Rule rule, String text, int failures, Price.Monthly price, Optional<Remedy> remedy) {}

    /// How many Computers each rule speaks against; they add up to all there are.
    public Map<Rule, Integer> counts() {
        var counts = new EnumMap<Rule, Integer>(Rule.class);
        verdicts.forEach(verdict -> counts.merge(verdict.rule(), 1, Integer::sum));
        return counts;
    }

    /// The changes of which each alone would make a Computer fit: the cheapest of each way, the cheapest first.
    public List<Remedy> remedies() {
        return verdicts.stream()
                .flatMap(verdict -> verdict.remedy().stream())
                .collect(Collectors.groupingBy(
                        Remedy::way, () -> new EnumMap<>(Remedy.Way.class), Collectors.minBy(Remedy.CHEAPEST)))
                .values()
                .stream()
                .flatMap(Optional::stream)
                .sorted(Remedy.CHEAPEST)
                .toList();
    }

    /// Those that fit, then those that one change would make fit, the cheapest first, then the others.
    public List<Verdict> inOrder() {
        return verdicts.stream()
                .sorted(Comparator.comparing((Verdict verdict) -> verdict.rule() != Rule.FITS)
                        .thenComparing(verdict -> verdict.remedy().isEmpty())
                        .thenComparing(verdict -> verdict.remedy().orElse(null), Comparator.nullsLast(Remedy.CHEAPEST)))
                .toList();
    }

    /// Why there is no place, and what to do.
    public String reason() {
        var named = wanted.conditions().computer();
        var change = named.isPresent()
                ? verdicts.stream()
                        .filter(verdict -> verdict.computer().equals(named.get()))
                        .flatMap(verdict -> verdict.remedy().stream())
                        .findFirst()
                : remedies().stream().findFirst();
        return why()
                + change.filter(remedy -> remedy.way() != Remedy.Way.SUPPLY && !isFull())
                        .map(remedy -> ". Cheapest change: " + remedy.text() + " (" + remedy.computer() + ")")
                        .orElse("");
    }

    /// Why there is no place.
    public String why() {
        return "No ComputerPartition for '" + wanted.title() + "': " + whyNowhere();
    }

    private boolean isFull() {
        return stocked().stream().allMatch(verdict -> verdict.rule() == Rule.FULL);
    }

    private List<Verdict> stocked() {
        return verdicts.stream()
                .filter(verdict -> verdict.rule() != Rule.SOFTWARE && verdict.rule() != Rule.PROJECT)
                .toList();
    }

    private String whyNowhere() {
        var named = wanted.conditions().computer();
        var stocked = stocked();
        if (named.isPresent()) {
            return whyNotOn(named.get());
        }
        if (verdicts.isEmpty()) {
            return "SoftwareRelease " + wanted.release()
                    + " is supplied on no Computer: there is none yet. Register one: slapos computer token says how";
        }
        if (stocked.isEmpty()) {
            return "SoftwareRelease " + wanted.release() + " is supplied on no Computer. Supply it: slapos supply "
                    + wanted.release() + " COMP-n";
        }
        if (stocked.stream().allMatch(verdict -> verdict.rule() == Rule.FULL)) {
            var full = stocked.stream().limit(NAMED_AT_MOST).map(Verdict::text).collect(Collectors.joining(", "));
            var more = stocked.size() > NAMED_AT_MOST
                    ? ", and " + (stocked.size() - NAMED_AT_MOST) + " more are full"
                    : "";
            return full + more + ". Supply the SoftwareRelease on another Computer, or destroy an instance there";
        }
        var counted = stocked.stream()
                .collect(Collectors.groupingBy(
                        Verdict::rule, () -> new EnumMap<>(Rule.class), Collectors.summingInt(_ -> 1)));
        var counts = counted.entrySet().stream()
                .map(count -> count.getKey().counted(count.getValue()))
                .collect(Collectors.joining(", "));
        return stocked.size() == 1
                ? stocked.getFirst().computer() + " has the SoftwareRelease, but "
                        + stocked.getFirst().text()
                : "of " + stocked.size() + " Computers with the SoftwareRelease " + counts;
    }

    private String whyNotOn(ComputerId named) {
        var supplyIt = "computer_guid is " + named + ", where SoftwareRelease " + wanted.release()
                + " is not supplied. Supply it: slapos supply " + wanted.release() + " " + named;
        return verdicts.stream()
                .filter(verdict -> verdict.computer().equals(named))
                .findFirst()
                .map(verdict -> switch (verdict.rule()) {
                    case SOFTWARE, PROJECT -> supplyIt;
                    case FULL ->
                        verdict.text()
                                + ". Supply the SoftwareRelease on another Computer, or destroy an instance there";
                    default -> "on " + named + ", " + verdict.text();
                })
                .orElse("computer_guid is " + named + ", which is no Computer"
                        + verdicts.stream()
                                .filter(verdict -> verdict.failures() <= 1)
                                .findFirst()
                                .map(verdict -> ". Name another one, such as " + verdict.computer())
                                .orElse(""));
    }
}
