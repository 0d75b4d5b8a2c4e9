package org.slapos.master.allocation;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.CapacityWatch;
import org.slapos.master.computer.ChangeComputer;
import org.slapos.master.computer.ComputerSettings;
import org.slapos.master.computer.Retirement;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.software.SoftwareUse;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;

/// Says how a Computer is offered: scope, capacity, supplier, network, characteristics, and what an instance on it
/// costs. All of it is taken, or nothing; the same again changes nothing; what waits for it gets it.
public final class ChangeOffer {
    private static final String PRICE = "price";
    private static final String PRICE_FROM = "price_from";
    private static final Set<String> PRICES = Set.of(PRICE, PRICE_FROM);

    private final Database database;
    private final InstantSource clock;
    private final CapacityWatch capacity;
    private final ChangeComputer computers = new ChangeComputer();
    private final PriceStore prices = new PriceStore();
    private final SoftwareUse software = new SoftwareUse();

    public ChangeOffer(Database database, InstantSource clock, CapacityWatch capacity) {
        this.database = database;
        this.clock = clock;
        this.capacity = capacity;
    }

    private record PriceChange(Optional<Price> price, Instant from) {}

    /// How reading it ends.
    public sealed interface Shown {
        record Settings(Map<String, String> settings) implements Shown {}

        record Refused(Problem problem) implements Shown {}
    }

    /// All settings that have a value, as one would set them.
    public Shown settings(ComputerId reference) {
        var now = clock.instant();
        return database.inTransaction(tx -> computers
                .settings(tx, reference)
                .<Shown>map(_ -> new Shown.Settings(shown(tx, reference, now)))
                .orElseGet(() -> new Shown.Refused(Problem.notFound("No Computer " + reference))));
    }

    /// Nothing, or everything that is wrong with it.
    ///
    /// @param words settings by name; an empty value takes back what was said
    public Optional<Problem> change(ComputerId reference, Map<String, String> words) {
        var now = clock.instant();
        var others = new TreeMap<>(words);
        others.keySet().removeAll(PRICES);
        Optional<PriceChange> price;
        try {
            price = price(words, now);
        } catch (MalformedException e) {
            return Optional.of(Problem.invalid(String.valueOf(e.getMessage())));
        }
        return switch (ComputerSettings.read(others, PRICES)) {
            case ComputerSettings.Reading.NotUnderstood(var problem) -> Optional.of(problem);
            case ComputerSettings.Reading.Understood(var settings) -> change(reference, settings, price, now);
        };
    }

    private Optional<Problem> change(
            ComputerId reference, ComputerSettings settings, Optional<PriceChange> price, Instant now) {
        return database.inTransaction(tx -> {
            var before = shown(tx, reference, now);
            return change(tx, reference, settings, price, now, before);
        });
    }

    private Optional<Problem> change(
            Transaction tx,
            ComputerId reference,
            ComputerSettings settings,
            Optional<PriceChange> price,
            Instant now,
            Map<String, String> before) {
        return switch (computers.change(tx, reference, settings)) {
            case ChangeComputer.Changed.Refused(var problem) -> Optional.of(problem);
            case ChangeComputer.Changed.Done(long computer, boolean isOther) -> {
                boolean isRepriced = price.isPresent()
                        && prices.set(
                                tx,
                                new PriceStore.Target(computer, Optional.empty(), Optional.empty(), Optional.empty()),
                                price.get().price(),
                                price.get().from(),
                                now);
                if (isOther && Retirement.stateOf(tx, computer).isForEver()) {
                    software.closed(tx, computer, now);
                    Retirement.considered(tx, computer, now);
                }
                if (isOther || isRepriced) {
                    note(tx, reference, before, price, now);
                    computers.moved(tx, computer);
                    capacity.capacityGrew(
                            tx,
                            computer,
                            price.map(PriceChange::from)
                                    .filter(from -> !isOther)
                                    .orElse(now));
                }
                yield Optional.empty();
            }
        };
    }

    /// What differs, and the price that is to come.
    private void note(
            Transaction tx,
            ComputerId reference,
            Map<String, String> before,
            Optional<PriceChange> price,
            Instant now) {
        var after = shown(tx, reference, now);
        price.filter(change -> change.from().isAfter(now))
                .ifPresent(change -> after.put(
                        PRICE_FROM,
                        change.from() + " "
                                + change.price().map(Price::toString).orElse("free of charge")));
        var was = new TreeMap<>(before);
        was.entrySet().removeAll(after.entrySet());
        after.entrySet().removeAll(before.entrySet());
        Audit.note(tx, now, "computer.offer", reference.text(), was, after);
    }

    private Map<String, String> shown(Transaction tx, ComputerId reference, Instant now) {
        var settings = new TreeMap<>(computers.settings(tx, reference).orElse(Map.of()));
        prices.current(tx, reference, now).ifPresent(price -> settings.put(PRICE, price.toString()));
        return settings;
    }

    private static Optional<PriceChange> price(Map<String, String> words, Instant now) {
        var text = words.get(PRICE);
        var from = words.get(PRICE_FROM);
        if (text == null) {
            if (from != null) {
                throw new MalformedException("price_from says from when on a price holds: give price=, too");
            }
            return Optional.empty();
        }
        var price = text.isBlank() ? Optional.<Price>empty() : Optional.of(Price.parse(text));
        return Optional.of(new PriceChange(price, from == null ? now : begin(from, now)));
    }

    private static Instant begin(String text, Instant now) {
        try {
            var from = Instant.parse(text.strip());
            if (from.isBefore(now)) {
                throw new MalformedException("price_from '" + text + "' is past: a price never changes afterwards");
            }
            return from;
        } catch (DateTimeException e) {
            throw new MalformedException("price_from '" + text + "' is no moment such as 2027-01-01T00:00:00Z", e);
        }
    }
}
