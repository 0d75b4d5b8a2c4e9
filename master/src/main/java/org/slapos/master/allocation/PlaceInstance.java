package org.slapos.master.allocation;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slapos.master.computer.Partitions;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;

/// Finds a ComputerPartition and takes it, in the caller's transaction, which moves the Computer's revision afterwards.
/// Any thread.
public final class PlaceInstance {
    private static final int TRIES = 20;

    private final Market market;
    private final Partitions partitions = new Partitions();

    public PlaceInstance(Market market) {
        this.market = market;
    }

    /// How it ended.
    public sealed interface Outcome {
        /// @param computer the number of its Computer
        record Taken(long partition, long computer, ComputerId reference) implements Outcome {}

        /// Nothing fits now; the reason says what to do.
        record Nowhere(String reason) implements Outcome {}
    }

    /// A Computer where something runs already that would do.
    ///
    /// @param computer its number
    public record Running(long computer, ComputerId reference, Price.Monthly price) {}

    /// Of some Computers, the one where an instance that runs there already meets the conditions for the lowest price.
    ///
    /// @param computers   their numbers
    /// @param ifNotDearer only when no free place costs less
    public Optional<Running> running(
            Transaction tx, Wanted wanted, Set<Long> computers, boolean ifNotDearer, Instant now) {
        return looked(tx, wanted, now, () -> market.suiting(wanted, now, computers), Optional::isEmpty)
                .filter(choice -> !ifNotDearer
                        || market.plan(wanted, now, Set.of()).stream()
                                .noneMatch(free -> free.price().isCheaper(choice.price())))
                .map(choice -> new Running(choice.offer().id(), choice.offer().computer(), choice.price()));
    }

    /// Of some Computers, by their numbers, those where an instance that runs there already meets the conditions.
    public Set<Long> suiting(Transaction tx, Wanted wanted, Set<Long> computers, Instant now) {
        return looked(
                tx,
                wanted,
                now,
                () -> computers.stream()
                        .filter(computer ->
                                market.suiting(wanted, now, Set.of(computer)).isPresent())
                        .collect(Collectors.toSet()),
                suiting -> suiting.size() < computers.size());
    }

    /// What is to be seen after what was changed meanwhile is read; if that is too little, also after a question
    /// whether
    /// another Master has heard of those that seem silent here.
    private <T> T looked(Transaction tx, Wanted wanted, Instant now, Supplier<T> look, Predicate<T> isTooLittle) {
        market.refresh(tx, now);
        var seen = look.get();
        return isTooLittle.test(seen) && market.askForSilent(tx, wanted, now) ? look.get() : seen;
    }

    /// Whether there is a place for it now.
    public boolean isPlace(Transaction tx, Wanted wanted, Instant now) {
        return !looked(tx, wanted, now, () -> market.plan(wanted, now, Set.of()), List::isEmpty)
                .isEmpty();
    }

    /// As [#placeFresh] on what this Master knows already: for who has taken something in this transaction before.
    ///
    /// @param patient whether to wait for others that are taking the last partition, and see how they end; a caller
    ///     that already holds the row of a Computer must not
    public Outcome place(Transaction tx, Wanted wanted, boolean patient, Instant now) {
        var lost = new LinkedHashSet<Long>();
        for (int attempt = 0; attempt < TRIES; attempt++) {
            var choices = market.plan(wanted, now, lost);
            if (choices.isEmpty()) {
                break;
            }
            var offer = choices.getFirst().offer();
            var taken = take(tx, wanted, offer, false, now);
            if (taken instanceof Outcome.Taken) {
                return taken;
            }
            lost.add(offer.id());
            market.doubt(offer.id());
        }
        return lost.isEmpty() || !patient ? nowhere(wanted, now, lost) : waitFor(tx, wanted, lost, now);
    }

    /// After a look at what was changed meanwhile; before the transaction changes Computers or partitions.
    public Outcome placeFresh(Transaction tx, Wanted wanted, boolean patient, Instant now) {
        return looked(tx, wanted, now, () -> place(tx, wanted, patient, now), Outcome.Nowhere.class::isInstance);
    }

    /// Others are taking the last partitions there: sees how they end.
    private Outcome waitFor(Transaction tx, Wanted wanted, Set<Long> lost, Instant now) {
        for (long computer : lost) {
            var offer = market.offer(computer);
            if (offer.isPresent() && take(tx, wanted, offer.get(), true, now) instanceof Outcome.Taken taken) {
                return taken;
            }
        }
        market.refresh(tx, now); // nothing was taken: what this transaction changed is no partition
        return place(tx, wanted, false, now);
    }

    private Outcome nowhere(Wanted wanted, Instant now, Set<Long> lost) {
        var explanation = market.explain(wanted, now);
        boolean isRace = explanation.counts().containsKey(Rule.FITS);
        return new Outcome.Nowhere(
                isRace && !lost.isEmpty()
                        ? "No ComputerPartition for '" + wanted.title()
                                + "' right now: others are taking the last ones. Ask again"
                        : explanation.reason());
    }

    private Outcome take(Transaction tx, Wanted wanted, Offer offer, boolean patient, Instant now) {
        var stock = offer.stock().get(wanted.release());
        int weight = stock == null ? 1 : stock.weight(wanted.type());
        var taken = partitions.take(tx, offer.id(), wanted.conditions().capability(), weight, patient, now);
        if (taken.isEmpty()) {
            return new Outcome.Nowhere("");
        }
        market.took(offer.id(), wanted);
        return new Outcome.Taken(taken.get(), offer.id(), offer.computer());
    }
}
