package org.slapos.master.allocation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.master.allocation.Remedy.Way;
import org.slapos.master.computer.AllocationScope;
import org.slapos.master.computer.Contacts;
import org.slapos.protocol.ComputerId;

/// What speaks against placing something on a Computer. Pure.
final class Check {
    static final Duration SILENCE = Contacts.SILENCE;

    /// No product is that.
    static final long NO_PRODUCT = -1;

    private final Wanted wanted;
    private final Instant now;
    private final long product;

    Check(Wanted wanted, Instant now) {
        this(wanted, now, NO_PRODUCT);
    }

    /// @param product of the SoftwareRelease, as far as it is supplied anywhere
    Check(Wanted wanted, Instant now, long product) {
        this.wanted = wanted;
        this.now = now;
        this.product = product;
    }

    /// One rule that a Computer fails on.
    ///
    /// @param way  how that could change; empty text = not by a change of one thing
    record Finding(Rule rule, String text, Way way, double cost, String change) {
        Optional<Remedy> remedy(ComputerId computer) {
            return change.isEmpty() ? Optional.empty() : Optional.of(new Remedy(way, cost, change, computer));
        }
    }

    Price.Monthly price(Kind kind, Offer.@Nullable Stock stock) {
        return kind.price(stock == null ? product : stock.product(), wanted.type(), wanted.customer(), now);
    }

    /// What speaks against all Computers of a kind with that stock.
    ///
    /// @param stock null = they do not have the SoftwareRelease
    List<Finding> findings(Kind kind, Offer.@Nullable Stock stock) {
        var found = new ArrayList<Finding>();
        var conditions = wanted.conditions();
        var project = conditions.project().orElse(wanted.project());
        if (!kind.project().equals(wanted.project()) || !kind.project().equals(project)) {
            found.add(new Finding(Rule.PROJECT, "it is in project " + kind.project(), Way.GO_ELSEWHERE, 9, ""));
        }
        if (stock == null || stock.isHiddenFrom(wanted.customer())) {
            found.add(new Finding(
                    Rule.SOFTWARE,
                    "SoftwareRelease " + wanted.release() + " is not supplied there",
                    Way.SUPPLY,
                    0,
                    "supply the SoftwareRelease"));
        } else if (!stock.allows(wanted.type(), wanted.customer(), now)) {
            found.add(new Finding(
                    Rule.SUPPLY,
                    "the SoftwareRelease is not offered there for type '" + wanted.type() + "', or not yet",
                    Way.SUPPLY,
                    1,
                    "supply the SoftwareRelease for type '" + wanted.type() + "'"));
        }
        if (kind.scope() != AllocationScope.OPEN) {
            found.add(new Finding(
                    Rule.SCOPE,
                    "its scope is " + kind.scope().wire(),
                    Way.OPEN,
                    0,
                    "scope " + kind.scope().wire() + "→open"));
        }
        conditions
                .network()
                .filter(network -> !network.equals(kind.network()))
                .ifPresent(network -> found.add(new Finding(
                        Rule.NETWORK,
                        "it is in " + nameOf(kind.network(), "no network") + ", not in " + network,
                        Way.GO_ELSEWHERE,
                        2,
                        "network_guid " + network + "→" + nameOf(kind.network(), "any"))));
        conditions
                .supplier()
                .filter(supplier -> !supplier.equals(kind.supplier()))
                .ifPresent(supplier -> found.add(new Finding(
                        Rule.SUPPLIER,
                        "its supplier is " + kind.supplier() + ", not " + supplier,
                        Way.GO_ELSEWHERE,
                        1,
                        "supplier " + supplier + "→" + kind.supplier())));
        conditions.demands().stream()
                .filter(demand -> !demand.isMetBy(kind.trait(demand.characteristic())))
                .forEach(demand -> found.add(hardware(kind, demand)));
        conditions.mode().flatMap(mode -> byNetwork(kind, mode)).ifPresent(found::add);
        conditions
                .ceiling()
                .flatMap(ceiling -> tooExpensive(price(kind, stock), ceiling))
                .ifPresent(found::add);
        return found;
    }

    private static Finding hardware(Kind kind, Demand demand) {
        var name = demand.characteristic().wire();
        var trait = kind.trait(demand.characteristic());
        boolean isAmount = demand.characteristic().unit().isPresent();
        return new Finding(
                Rule.HARDWARE,
                trait == null
                        ? "its " + name + " is not known, " + demand + " is demanded"
                        : "its " + name + " is " + trait.text() + ", " + demand + " is demanded",
                isAmount ? Way.WANT_LESS : Way.GO_ELSEWHERE,
                demand.distance(trait).orElse(Double.MAX_VALUE),
                name + " " + demand.wanted().text() + "→" + (trait == null ? "any" : trait.text()));
    }

    private Optional<Finding> byNetwork(Kind kind, Conditions.Mode mode) {
        return switch (mode) {
            case UNIQUE_BY_NETWORK ->
                kind.network().isEmpty()
                        ? mode("it is in no network, and mode is " + mode.wire(), mode)
                        : wanted.networks().contains(kind.network())
                                ? mode(kind.network() + " holds another instance of the tree already", mode)
                                : Optional.empty();
            case SAME_NETWORK ->
                wanted.siblings().isEmpty() || wanted.networks().contains(kind.network())
                        ? Optional.empty()
                        : mode(nameOf(kind.network(), "no network") + " holds no other instance of the tree", mode);
            case UNIQUE_BY_COMPUTER, SAME_COMPUTER -> Optional.empty();
        };
    }

    private static Optional<Finding> mode(String text, Conditions.Mode mode) {
        return Optional.of(new Finding(Rule.MODE, text, Way.GO_ELSEWHERE, 3, "mode " + mode.wire() + "→any"));
    }

    private static Optional<Finding> tooExpensive(Price.Monthly price, Price.Monthly ceiling) {
        if (price.isWithin(ceiling)) {
            return Optional.empty();
        }
        var text = "it costs " + price + ", the ceiling is " + ceiling;
        return Optional.of(
                price.currency().equals(ceiling.currency())
                        ? new Finding(
                                Rule.PRICE,
                                text,
                                Way.PAY_MORE,
                                price.micro() - ceiling.micro(),
                                "+" + new Price.Monthly(price.micro() - ceiling.micro(), price.currency()))
                        : new Finding(
                                Rule.PRICE, text, Way.PAY_MORE, Double.MAX_VALUE, "price " + ceiling + "→" + price));
    }

    /// What speaks against that one, beside what speaks against its kind; nothing = it is free.
    ///
    /// @param heard when it was last heard of
    List<Finding> findings(Offer offer, Instant heard) {
        var found = new ArrayList<Finding>();
        var conditions = wanted.conditions();
        conditions
                .computer()
                .filter(named -> !named.equals(offer.computer()))
                .ifPresent(named -> found.add(new Finding(
                        Rule.COMPUTER,
                        "computer_guid is " + named,
                        Way.GO_ELSEWHERE,
                        4,
                        "computer_guid " + named + "→" + offer.computer())));
        if (isRuledOutByMode(offer)) {
            var mode = conditions.mode().orElseThrow();
            mode(
                            "mode is " + mode.wire() + ", and others of the tree are "
                                    + (mode == Conditions.Mode.SAME_COMPUTER ? "elsewhere" : "there"),
                            mode)
                    .ifPresent(found::add);
        }
        if (isSilent(heard)) {
            found.add(new Finding(
                    Rule.SILENCE,
                    "it was last heard of at " + heard.truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                            + ", more than " + SILENCE.toSeconds() + " s ago",
                    Way.COME_BACK,
                    0,
                    "have it call the Master again"));
        }
        if (offer.load() >= offer.capacity()) {
            found.add(new Finding(
                    Rule.LOAD,
                    "it carries " + offer.load() + " of " + offer.capacity(),
                    Way.ADD_PARTITION,
                    1,
                    "capacity " + offer.capacity() + "→" + (offer.load() + 1)));
        }
        if (offer.free(conditions.capability()) <= 0) {
            found.add(noPartition(offer));
        }
        return found;
    }

    private Finding noPartition(Offer offer) {
        return wanted.conditions()
                .capability()
                .map(capability -> new Finding(
                        Rule.CAPABILITY,
                        "it has no free partition with capability '" + capability + "'",
                        Way.ADD_PARTITION,
                        2,
                        "one more partition with capability '" + capability + "'"))
                .orElseGet(() -> new Finding(
                        Rule.FULL,
                        offer.total() == 0
                                ? offer.computer() + " has no ComputerPartition yet, format it"
                                : offer.computer() + " has " + (offer.total() - Math.max(0, offer.free())) + " of "
                                        + offer.total() + " in use",
                        Way.ADD_PARTITION,
                        0,
                        "one more partition"));
    }

    /// As an empty [#findings(Offer,Instant)], without a word.
    boolean isFree(Offer offer, Instant heard) {
        return offer.free(wanted.conditions().capability()) > 0
                && offer.load() < offer.capacity()
                && isOpen(offer, heard);
    }

    /// As [#isFree], for what takes no place there.
    boolean isOpen(Offer offer, Instant heard) {
        return !isSilent(heard)
                && wanted.conditions().computer().map(offer.computer()::equals).orElse(true)
                && !isRuledOutByMode(offer);
    }

    /// How much more hardware there is than demanded: 0 = none.
    double excess(Kind kind) {
        return wanted.conditions().demands().stream()
                .mapToDouble(demand -> Math.log(demand.excess(kind.trait(demand.characteristic()))))
                .sum();
    }

    private boolean isSilent(Instant heard) {
        return heard.plus(SILENCE).isBefore(now);
    }

    private boolean isRuledOutByMode(Offer offer) {
        return wanted.conditions()
                .mode()
                .map(mode -> switch (mode) {
                    case UNIQUE_BY_COMPUTER -> wanted.siblings().contains(offer.computer());
                    case SAME_COMPUTER ->
                        !wanted.siblings().isEmpty() && !wanted.siblings().contains(offer.computer());
                    case UNIQUE_BY_NETWORK, SAME_NETWORK -> false;
                })
                .orElse(false);
    }

    private static String nameOf(String reference, String none) {
        return reference.isEmpty() ? none : reference;
    }
}
