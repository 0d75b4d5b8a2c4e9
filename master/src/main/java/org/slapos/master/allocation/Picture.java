package org.slapos.master.allocation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.ComputerId;

/// What is offered, arranged so that a place is found without a look at all that there is: by SoftwareRelease and kind
/// of Computer, and in each of these by free partitions. Pure; one thread at a time.
final class Picture {
    /// How many are compared of each kind: the best and a runner-up.
    private static final int OF_EACH = 2;

    private static final Comparator<Offer> MOST_FREE =
            Comparator.comparingInt((Offer offer) -> -offer.free()).thenComparingLong(Offer::id);

    private final Map<Long, Offer> byNumber = new HashMap<>();
    private final Map<ComputerId, Long> byReference = new HashMap<>();
    private final Map<String, Map<Shelf, NavigableSet<Offer>>> byRelease = new HashMap<>();

    private record Shelf(Kind kind, Offer.Stock stock) {}

    void put(Offer offer) {
        remove(offer.id());
        byNumber.put(offer.id(), offer);
        byReference.put(offer.computer(), offer.id());
        offer.stock()
                .forEach((release, stock) -> byRelease
                        .computeIfAbsent(release, _ -> new HashMap<>())
                        .computeIfAbsent(new Shelf(offer.kind(), stock), _ -> new TreeSet<>(MOST_FREE))
                        .add(offer));
    }

    private void remove(long id) {
        var known = byNumber.remove(id);
        if (known == null) {
            return;
        }
        known.stock().forEach((release, stock) -> {
            var shelves = byRelease.get(release);
            var shelf = new Shelf(known.kind(), stock);
            var offers = shelves == null ? null : shelves.get(shelf);
            if (shelves != null && offers != null && offers.remove(known) && offers.isEmpty()) {
                shelves.remove(shelf);
                if (shelves.isEmpty()) {
                    byRelease.remove(release);
                }
            }
        });
    }

    Set<Long> numbers() {
        return Set.copyOf(byNumber.keySet());
    }

    int size() {
        return byNumber.size();
    }

    @Nullable
    Offer get(long id) {
        return byNumber.get(id);
    }

    @Nullable
    Offer get(ComputerId computer) {
        var id = byReference.get(computer);
        return id == null ? null : byNumber.get(id);
    }

    Map<Long, Offer> offers() {
        return Map.copyOf(byNumber);
    }

    /// Where to go, and where else: at most two, the best first; none when nothing fits.
    ///
    /// @param heard  when a Computer was last heard of
    /// @param passed numbers of Computers that are not to be looked at
    List<Choice> plan(Wanted wanted, Instant now, Function<Offer, Instant> heard, Set<Long> passed) {
        var check = new Check(wanted, now);
        var capability = wanted.conditions().capability();
        var choices = new ArrayList<Choice>();
        var named = wanted.conditions().computer();
        if (named.isPresent()) {
            var offer = get(named.get());
            var stock = offer == null ? null : offer.stock().get(wanted.release());
            if (offer != null
                    && stock != null
                    && check.findings(offer.kind(), stock).isEmpty()) {
                add(choices, check, offer, stock, heard, passed);
            }
            return choices;
        }
        byRelease.getOrDefault(wanted.release(), Map.of()).forEach((shelf, offers) -> {
            if (!check.findings(shelf.kind(), shelf.stock()).isEmpty()) {
                return;
            }
            int before = choices.size();
            for (var offer : offers) {
                if (capability.isEmpty() && (offer.free() <= 0 || choices.size() - before >= OF_EACH)) {
                    break;
                }
                add(choices, check, offer, shelf.stock(), heard, passed);
            }
        });
        choices.sort(Choice.best(capability));
        return choices.size() <= OF_EACH ? choices : List.copyOf(choices.subList(0, OF_EACH));
    }

    private static void add(
            List<Choice> choices,
            Check check,
            Offer offer,
            Offer.Stock stock,
            Function<Offer, Instant> heard,
            Set<Long> passed) {
        if (!passed.contains(offer.id()) && check.isFree(offer, heard.apply(offer))) {
            choices.add(new Choice(offer, check.price(offer.kind(), stock), check.excess(offer.kind())));
        }
    }

    /// Of some, the best for what takes no place there; whether or not they are full.
    ///
    /// @param ids their numbers
    Optional<Choice> suiting(Wanted wanted, Instant now, Function<Offer, Instant> heard, Set<Long> ids) {
        var check = new Check(wanted, now);
        var choices = new ArrayList<Choice>();
        for (long id : ids) {
            var offer = get(id);
            var stock = offer == null ? null : offer.stock().get(wanted.release());
            if (offer != null
                    && stock != null
                    && check.isOpen(offer, heard.apply(offer))
                    && check.findings(offer.kind(), stock).isEmpty()) {
                choices.add(new Choice(offer, check.price(offer.kind(), stock), check.excess(offer.kind())));
            }
        }
        return choices.stream().min(Choice.best(wanted.conditions().capability()));
    }

    /// Whether that one could be used for it now.
    boolean isFit(Wanted wanted, Instant now, Function<Offer, Instant> heard, long id) {
        var offer = get(id);
        var stock = offer == null ? null : offer.stock().get(wanted.release());
        var check = new Check(wanted, now);
        return offer != null
                && stock != null
                && check.isFree(offer, heard.apply(offer))
                && check.findings(offer.kind(), stock).isEmpty();
    }

    /// What is true of each Computer, in the order of their numbers.
    Explanation explain(Wanted wanted, Instant now, Function<Offer, Instant> heard) {
        long product = byRelease.getOrDefault(wanted.release(), Map.of()).keySet().stream()
                .map(shelf -> shelf.stock().product())
                .findFirst()
                .orElse(Check.NO_PRODUCT);
        var check = new Check(wanted, now, product);
        var verdicts = new ArrayList<Explanation.Verdict>();
        byNumber.values().stream().sorted(Comparator.comparingLong(Offer::id)).forEach(offer -> {
            var stock = offer.stock().get(wanted.release());
            var findings = new ArrayList<>(check.findings(offer.kind(), stock));
            findings.addAll(check.findings(offer, heard.apply(offer)));
            findings.sort(Comparator.comparing(Check.Finding::rule));
            verdicts.add(new Explanation.Verdict(
                    offer.computer(),
                    findings.isEmpty() ? Rule.FITS : findings.getFirst().rule(),
                    findings.isEmpty() ? "it fits" : findings.getFirst().text(),
                    findings.size(),
                    check.price(offer.kind(), stock),
                    findings.size() == 1 ? findings.getFirst().remedy(offer.computer()) : Optional.empty()));
        });
        return new Explanation(wanted, verdicts);
    }

    /// The numbers of those whose last contact, as far as is known here, is too long ago.
    List<Long> silent(Wanted wanted, Instant now, Function<Offer, Instant> heard) {
        return byRelease.getOrDefault(wanted.release(), Map.of()).values().stream()
                .flatMap(Set::stream)
                .filter(offer -> heard.apply(offer).plus(Check.SILENCE).isBefore(now))
                .map(Offer::id)
                .toList();
    }
}
