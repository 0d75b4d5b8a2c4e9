package org.slapos.master.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.slapos.master.allocation.Conditions.Mode;
import org.slapos.master.allocation.Demand.Comparison;
import org.slapos.master.computer.AllocationScope;
import org.slapos.master.computer.Characteristic;
import org.slapos.master.computer.Quantity;
import org.slapos.master.computer.Trait;
import org.slapos.protocol.ComputerId;

/// The planner against one that is slow and obvious: it looks at every Computer, at every rule, each time. Worlds come
/// from seeds; one that fails says its seed.
class PictureTest {
    static final Instant NOW = Instant.parse("2031-04-01T08:00:00Z");
    private static final int WORLDS = 400;
    private static final int REQUESTS = 25;
    private static final List<String> RELEASES = List.of("https://x/one.cfg", "https://x/two.cfg");
    private static final List<String> TYPES = List.of("default", "large");
    private static final List<String> PEOPLE = List.of("PERSON-1", "PERSON-2");
    private static final List<String> REGIONS = List.of("europe", "europe/west", "europe/west/france", "america");
    private static final List<String> NETWORKS = List.of("", "NET-1", "NET-2");

    /// A set of offers, changed again and again, in the picture and as a plain list.
    static final class World {
        final Random random;
        final Picture picture = new Picture();
        final Map<Long, Offer> offers = new HashMap<>();

        World(long seed) {
            random = new Random(seed);
            int size = 1 + random.nextInt(25);
            for (long id = 1; id <= size; id++) {
                put(id);
            }
        }

        void put(long id) {
            var offer = offer(id);
            offers.put(id, offer);
            picture.put(offer);
        }

        void takeOne(Offer offer) {
            var rest = offer.lessOne(Optional.empty(), 1);
            offers.put(offer.id(), rest);
            picture.put(rest);
        }

        private Offer offer(long id) {
            var traits = new HashMap<Characteristic, Trait>();
            if (chance(3, 4)) {
                traits.put(Characteristic.REGION, new Trait.Label(any(REGIONS)));
            }
            if (chance(3, 4)) {
                traits.put(Characteristic.MEMORY, gigabytes(1 + random.nextInt(4)));
            }
            var kind = new Kind(
                    chance(9, 10) ? AllocationScope.OPEN : AllocationScope.MAINTENANCE,
                    chance(9, 10) ? "PROJ-1" : "PROJ-2",
                    any(PEOPLE),
                    any(NETWORKS),
                    traits,
                    tariffs());
            var stock = new HashMap<String, Offer.Stock>();
            for (var release : RELEASES) {
                if (chance(3, 4)) {
                    stock.put(release, new Offer.Stock(RELEASES.indexOf(release), cells(), Map.of("large", 3)));
                }
            }
            return new Offer(
                    id,
                    new ComputerId("COMP-" + id),
                    kind,
                    stock,
                    random.nextInt(4),
                    4,
                    chance(1, 4) ? Map.of("gpu", random.nextInt(2)) : Map.of(),
                    random.nextInt(5),
                    4,
                    NOW.minus(Duration.ofSeconds(chance(9, 10) ? 600 : 601)));
        }

        private List<Offer.Cell> cells() {
            var cells = new ArrayList<Offer.Cell>();
            for (int i = 0; i <= random.nextInt(2); i++) {
                cells.add(new Offer.Cell(
                        maybe(TYPES, 3), maybe(PEOPLE, 3), chance(9, 10) ? Instant.EPOCH : NOW.plusSeconds(1)));
            }
            return cells;
        }

        private List<Kind.Tariff> tariffs() {
            var tariffs = new ArrayList<Kind.Tariff>();
            for (int i = 0; i < random.nextInt(3); i++) {
                tariffs.add(new Kind.Tariff(
                        chance(1, 3) ? Optional.of((long) random.nextInt(2)) : Optional.empty(),
                        maybe(TYPES, 3),
                        maybe(PEOPLE, 3),
                        new Price.Monthly(random.nextInt(4) * 1_000_000L, chance(9, 10) ? "EUR" : "CNY"),
                        // No two that hold at the same time begin at the same time: the database has none either.
                        chance(9, 10) ? Instant.EPOCH.plusSeconds(i) : NOW.plusSeconds(1 + i),
                        chance(9, 10) ? Optional.empty() : Optional.of(NOW)));
            }
            return tariffs;
        }

        Wanted wanted() {
            var demands = new ArrayList<Demand>();
            if (chance(1, 3)) {
                demands.add(new Demand(Characteristic.REGION, Comparison.EQUAL, new Trait.Label(any(REGIONS))));
            }
            if (chance(1, 3)) {
                demands.add(new Demand(
                        Characteristic.MEMORY,
                        List.of(Comparison.values()).get(random.nextInt(3)),
                        gigabytes(1 + random.nextInt(4))));
            }
            var conditions = new Conditions(
                    chance(1, 8) ? Optional.of(new ComputerId("COMP-" + (1 + random.nextInt(26)))) : Optional.empty(),
                    Optional.empty(),
                    maybe(NETWORKS.subList(1, 3), 5),
                    chance(1, 10) ? Optional.of("PROJ-" + (1 + random.nextInt(2))) : Optional.empty(),
                    maybe(PEOPLE, 5),
                    chance(1, 8) ? Optional.of("gpu") : Optional.empty(),
                    chance(1, 4) ? Optional.of(List.of(Mode.values()).get(random.nextInt(4))) : Optional.empty(),
                    chance(1, 2)
                            ? Optional.of(new Price.Monthly(random.nextInt(4) * 1_000_000L, "EUR"))
                            : Optional.empty(),
                    demands);
            var computers = new HashSet<ComputerId>();
            var networks = new HashSet<String>();
            for (var offer : offers.values()) {
                if (chance(1, 6)) {
                    computers.add(offer.computer());
                    networks.add(offer.kind().network());
                }
            }
            return new Wanted(
                    "blog", any(RELEASES), any(TYPES), any(PEOPLE), "PROJ-1", conditions, computers, networks);
        }

        private boolean chance(int of, int all) {
            return random.nextInt(all) < of;
        }

        private String any(List<String> words) {
            return words.get(random.nextInt(words.size()));
        }

        private Optional<String> maybe(List<String> words, int oneIn) {
            return chance(1, oneIn) ? Optional.of(any(words)) : Optional.empty();
        }

        private static Trait gigabytes(int number) {
            return new Trait.Amount(new Quantity(number * 1_000_000_000L, Quantity.Unit.BYTES));
        }
    }

    private static final Function<Offer, Instant> HEARD = Offer::heard;

    @Test
    void theSameComputersAreChosenAsByWhoLooksAtEverything() {
        for (long seed = 0; seed < WORLDS; seed++) {
            var world = new World(seed);
            for (int i = 0; i < REQUESTS; i++) {
                var wanted = world.wanted();
                var chosen = world.picture.plan(wanted, NOW, HEARD, Set.of()).stream()
                        .map(choice -> choice.offer().id())
                        .toList();
                assertThat(chosen)
                        .as("seed %d, request %d: %s", seed, i, wanted)
                        .isEqualTo(obvious(world, wanted));
                if (!chosen.isEmpty() && wanted.conditions().capability().isEmpty()) {
                    world.takeOne(Objects.requireNonNull(world.offers.get(chosen.getFirst())));
                }
                world.put(1 + world.random.nextInt(world.offers.size()));
            }
        }
    }

    @Test
    void eachComputerHasOneVerdictWhichAgreesWithThePlan() {
        for (long seed = 0; seed < WORLDS; seed++) {
            var world = new World(seed);
            for (int i = 0; i < REQUESTS; i++) {
                var wanted = world.wanted();
                var explanation = world.picture.explain(wanted, NOW, HEARD);
                assertThat(explanation.verdicts()).as("seed %d", seed).hasSameSizeAs(world.offers.values());
                assertThat(explanation.counts().values().stream()
                                .mapToInt(count -> count)
                                .sum())
                        .as("seed %d", seed)
                        .isEqualTo(world.offers.size());
                for (var verdict : explanation.verdicts()) {
                    var offer = Objects.requireNonNull(world.picture.get(verdict.computer()));
                    assertThat(verdict.rule() == Rule.FITS)
                            .as("seed %d, request %d: %s on %s", seed, i, wanted, offer)
                            .isEqualTo(isFit(offer, wanted));
                }
            }
        }
    }

    @Test
    void theCheapestRaiseOfTheCeilingIsJustEnough() {
        int raises = 0;
        for (long seed = 0; seed < WORLDS; seed++) {
            var world = new World(seed);
            for (int i = 0; i < REQUESTS; i++) {
                var wanted = world.wanted();
                var first = world.picture.explain(wanted, NOW, HEARD).remedies().stream()
                        .findFirst();
                boolean isRaise = first.isPresent()
                        && first.get().way() == Remedy.Way.PAY_MORE
                        && first.get().text().startsWith("+");
                if (isRaise && world.picture.plan(wanted, NOW, HEARD, Set.of()).isEmpty()) {
                    raises++;
                    long raise = (long) first.get().cost();
                    assertThat(world.picture.plan(raised(wanted, raise), NOW, HEARD, Set.of()))
                            .as("seed %d, request %d: %s", seed, i, wanted)
                            .isNotEmpty();
                    assertThat(world.picture.plan(raised(wanted, raise - 1), NOW, HEARD, Set.of()))
                            .as("seed %d, request %d: %s", seed, i, wanted)
                            .isEmpty();
                }
            }
        }
        assertThat(raises).isPositive();
    }

    private static Wanted raised(Wanted wanted, long raise) {
        var ceiling = wanted.conditions().ceiling().orElseThrow();
        return RemedyTest.ceiling(wanted, new Price.Monthly(ceiling.micro() + raise, ceiling.currency()));
    }

    private static List<Long> obvious(World world, Wanted wanted) {
        return world.offers.values().stream()
                .filter(offer -> isFit(offer, wanted))
                .sorted(Comparator.comparing(
                                (Offer offer) -> price(offer, wanted).micro() == 0
                                        ? ""
                                        : price(offer, wanted).currency())
                        .thenComparingLong(offer -> price(offer, wanted).micro())
                        .thenComparingDouble(offer -> excess(offer, wanted))
                        .thenComparingInt(offer -> -free(offer, wanted))
                        .thenComparingLong(Offer::id))
                .limit(2)
                .map(Offer::id)
                .toList();
    }

    private static boolean isFit(Offer offer, Wanted wanted) {
        var conditions = wanted.conditions();
        var kind = offer.kind();
        var stock = offer.stock().get(wanted.release());
        if (stock == null
                || !kind.project().equals("PROJ-1")
                || kind.scope() != AllocationScope.OPEN
                || (conditions.project().isPresent()
                        && !conditions.project().get().equals("PROJ-1"))
                || (conditions.computer().isPresent()
                        && !conditions.computer().get().equals(offer.computer()))
                || (conditions.network().isPresent()
                        && !conditions.network().get().equals(kind.network()))
                || (conditions.supplier().isPresent()
                        && !conditions.supplier().get().equals(kind.supplier()))) {
            return false;
        }
        boolean isSupplied = false;
        for (var cell : stock.cells()) {
            isSupplied |= (cell.type().isEmpty() || cell.type().get().equals(wanted.type()))
                    && (cell.customer().isEmpty() || cell.customer().get().equals(wanted.customer()))
                    && cell.from().equals(Instant.EPOCH);
        }
        boolean isAsDemanded = true;
        for (var demand : conditions.demands()) {
            var trait = kind.traits().get(demand.characteristic());
            if (trait == null) {
                isAsDemanded = false;
            } else if (demand.characteristic() == Characteristic.REGION) {
                isAsDemanded &= (trait.text() + "/").startsWith(demand.wanted().text() + "/");
            } else {
                long has = ((Trait.Amount) trait).quantity().amount();
                long wants = ((Trait.Amount) demand.wanted()).quantity().amount();
                isAsDemanded &= switch (demand.comparison()) {
                    case AT_LEAST -> has >= wants;
                    case AT_MOST -> has <= wants;
                    case EQUAL -> has == wants;
                };
            }
        }
        boolean isAllowedByMode = conditions.mode().isEmpty()
                || switch (conditions.mode().get()) {
                    case UNIQUE_BY_COMPUTER -> !wanted.siblings().contains(offer.computer());
                    case UNIQUE_BY_NETWORK ->
                        !kind.network().isEmpty() && !wanted.networks().contains(kind.network());
                    case SAME_COMPUTER ->
                        wanted.siblings().isEmpty() || wanted.siblings().contains(offer.computer());
                    case SAME_NETWORK ->
                        wanted.siblings().isEmpty() || wanted.networks().contains(kind.network());
                };
        var price = price(offer, wanted);
        boolean isCheapEnough = conditions.ceiling().isEmpty()
                || price.micro() == 0
                || (price.currency().equals("EUR")
                        && price.micro() <= conditions.ceiling().get().micro());
        return isSupplied
                && isAsDemanded
                && isAllowedByMode
                && isCheapEnough
                && Duration.between(offer.heard(), NOW).toSeconds() <= 600
                && offer.load() < offer.capacity()
                && free(offer, wanted) > 0;
    }

    private static int free(Offer offer, Wanted wanted) {
        return wanted.conditions().capability().isPresent() ? offer.special().getOrDefault("gpu", 0) : offer.free();
    }

    /// The tariffs one after the other, from what is least to what is most about this.
    private static Price.Monthly price(Offer offer, Wanted wanted) {
        var price = new Price.Monthly(0, "");
        long product = RELEASES.indexOf(wanted.release());
        for (boolean own : new boolean[] {false, true}) {
            for (boolean ofProduct : new boolean[] {false, true}) {
                for (boolean ofType : new boolean[] {false, true}) {
                    for (var tariff : offer.kind().tariffs()) {
                        if (tariff.customer().equals(own ? Optional.of(wanted.customer()) : Optional.empty())
                                && tariff.product().equals(ofProduct ? Optional.of(product) : Optional.empty())
                                && tariff.type().equals(ofType ? Optional.of(wanted.type()) : Optional.empty())
                                && tariff.from().isBefore(NOW)
                                && tariff.until().isEmpty()) {
                            price = tariff.price();
                        }
                    }
                }
            }
        }
        return price;
    }

    private static double excess(Offer offer, Wanted wanted) {
        double excess = 0;
        for (var demand : wanted.conditions().demands()) {
            if (demand.comparison() == Comparison.AT_LEAST) {
                double has = ((Trait.Amount)
                                Objects.requireNonNull(offer.kind().traits().get(demand.characteristic())))
                        .quantity()
                        .amount();
                excess += Math.log(
                        has / ((Trait.Amount) demand.wanted()).quantity().amount());
            }
        }
        return excess;
    }
}
