package org.slapos.master.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.allocation.PictureTest.World;
import org.slapos.master.allocation.Remedy.Way;
import org.slapos.master.computer.AllocationScope;
import org.slapos.master.computer.Characteristic;
import org.slapos.master.computer.Trait;
import org.slapos.protocol.ComputerId;

/// The single changes that an explanation names, each read as a customer reads it, done, and looked at again: what it
/// says fits then. And none that costs less would do, by who tries them all.
@Tag("row:99")
class RemedyTest {
    private static final int WORLDS = 400;
    private static final int REQUESTS = 25;

    private interface Look {
        void at(World world, Wanted wanted, String which);
    }

    private static void everywhere(Look look) {
        for (long seed = 0; seed < WORLDS; seed++) {
            var world = new World(seed);
            for (int i = 0; i < REQUESTS; i++) {
                var wanted = world.wanted();
                look.at(world, wanted, "seed " + seed + ", request " + i + ": " + wanted);
            }
        }
    }

    @Test
    void whatAChangeSaysIsEnough() {
        var tried = new EnumMap<Way, Integer>(Way.class);
        everywhere((world, wanted, which) -> {
            for (var verdict :
                    world.picture.explain(wanted, PictureTest.NOW, Offer::heard).verdicts()) {
                verdict.remedy().ifPresent(remedy -> {
                    if (remedy.way() == Way.SUPPLY && isOfNoProduct(world, wanted)) {
                        return; // what its product costs is not known where nobody has it
                    }
                    var offer = Objects.requireNonNull(world.picture.get(verdict.computer()));
                    var after = new Picture();
                    after.put(changed(offer, wanted, remedy));
                    assertThat(after.isFit(changed(wanted, remedy), PictureTest.NOW, Offer::heard, offer.id()))
                            .as("%s%n%s%n%s", which, remedy, offer)
                            .isTrue();
                    tried.merge(remedy.way(), 1, Integer::sum);
                });
            }
        });
        assertThat(tried.keySet()).containsExactly(Way.values());
    }

    private static boolean isOfNoProduct(World world, Wanted wanted) {
        return world.offers.values().stream().noneMatch(offer -> offer.stock().containsKey(wanted.release()));
    }

    /// What the requester can change, where nothing fits.
    @Test
    void noCheaperChangeOfTheSameKindWouldDo() {
        var found = new EnumMap<Way, Integer>(Way.class);
        everywhere((world, wanted, which) -> {
            if (!fits(world, wanted)) {
                var named = world.picture.explain(wanted, PictureTest.NOW, Offer::heard).remedies().stream()
                        .collect(Collectors.toMap(Remedy::way, Remedy::cost));
                for (var way : List.of(Way.PAY_MORE, Way.WANT_LESS, Way.GO_ELSEWHERE)) {
                    var least = least(world, wanted, way);
                    assertThat(named.containsKey(way)).as("%s %s", way, which).isEqualTo(least.isPresent());
                    least.ifPresent(cost -> {
                        assertThat(named.get(way)).as("%s %s", way, which).isEqualTo(cost);
                        found.merge(way, 1, Integer::sum);
                    });
                }
            }
        });
        assertThat(found.keySet()).containsExactly(Way.PAY_MORE, Way.WANT_LESS, Way.GO_ELSEWHERE);
    }

    private static boolean fits(World world, Wanted wanted) {
        return !world.picture
                .plan(wanted, PictureTest.NOW, Offer::heard, Set.of())
                .isEmpty();
    }

    /// By trying all there is to try, on each Computer.
    private static OptionalDouble least(World world, Wanted wanted, Way way) {
        return world.offers.values().stream()
                .flatMapToDouble(offer -> tries(offer, wanted, way).entrySet().stream()
                        .filter(tried -> world.picture.isFit(tried.getKey(), PictureTest.NOW, Offer::heard, offer.id()))
                        .mapToDouble(Map.Entry::getValue))
                .min();
    }

    /// What could be asked for instead to be there, and what each costs.
    private static Map<Wanted, Double> tries(Offer offer, Wanted wanted, Way way) {
        var was = wanted.conditions();
        var tries = new HashMap<Wanted, Double>();
        var kind = offer.kind();
        switch (way) {
            case PAY_MORE ->
                was.ceiling().ifPresent(ceiling -> {
                    for (var tariff : kind.tariffs()) {
                        long raise = tariff.price().micro() - ceiling.micro();
                        boolean isSame = tariff.price().currency().equals(ceiling.currency());
                        if (raise > 0 || !isSame) {
                            tries.put(ceiling(wanted, tariff.price()), isSame ? raise : Double.MAX_VALUE);
                        }
                    }
                });
            case WANT_LESS, GO_ELSEWHERE -> {
                for (var demand : was.demands()) {
                    boolean isAmount = demand.characteristic().unit().isPresent();
                    if (isAmount == (way == Way.WANT_LESS)) {
                        var trait = kind.traits().get(demand.characteristic());
                        tries.merge(
                                demanding(wanted, demand, Optional.ofNullable(trait)),
                                demand.distance(trait).orElse(Double.MAX_VALUE),
                                Math::min);
                    }
                }
                if (way == Way.GO_ELSEWHERE) {
                    was.supplier().ifPresent(_ -> tries.put(supplier(wanted, kind.supplier()), 1.0));
                    was.network().ifPresent(_ -> tries.put(network(wanted, kind.network()), 2.0));
                    was.mode().ifPresent(_ -> tries.put(anyMode(wanted), 3.0));
                    was.computer().ifPresent(_ -> tries.put(computer(wanted, offer.computer()), 4.0));
                }
            }
            case ADD_PARTITION, SUPPLY, OPEN, COME_BACK -> {}
        }
        return tries;
    }

    /// As the requester would say it after reading the change; as before when it is another's to do.
    private static Wanted changed(Wanted wanted, Remedy remedy) {
        var text = remedy.text();
        if (text.startsWith("+")) {
            var raise = Price.parse(text.substring(1)).monthly();
            var ceiling = wanted.conditions().ceiling().orElseThrow();
            return ceiling(wanted, new Price.Monthly(ceiling.micro() + raise.micro(), ceiling.currency()));
        }
        if (!List.of(Way.PAY_MORE, Way.WANT_LESS, Way.GO_ELSEWHERE).contains(remedy.way())) {
            return wanted;
        }
        var name = text.substring(0, text.indexOf(' '));
        var to = text.substring(text.indexOf('→') + 1);
        return switch (name) {
            case "price" -> ceiling(wanted, Price.parse(to).monthly());
            case "network_guid" -> network(wanted, to.equals("any") ? "" : to);
            case "supplier" -> supplier(wanted, to);
            case "mode" -> anyMode(wanted);
            case "computer_guid" -> computer(wanted, new ComputerId(to));
            default -> {
                var characteristic = Characteristic.ofWire(name).orElseThrow();
                var demand = wanted.conditions().demands().stream()
                        .filter(it -> it.characteristic() == characteristic)
                        .findFirst()
                        .orElseThrow();
                yield demanding(
                        wanted, demand, to.equals("any") ? Optional.empty() : Optional.of(characteristic.read(to)));
            }
        };
    }

    /// As the supplier would do it after reading the change; as before when it is the requester's.
    private static Offer changed(Offer was, Wanted wanted, Remedy remedy) {
        var kind = was.kind();
        var stock = new HashMap<>(was.stock());
        var special = new HashMap<>(was.special());
        int free = was.free();
        long capacity = was.capacity();
        var heard = was.heard();
        var text = remedy.text();
        switch (remedy.way()) {
            case OPEN ->
                kind = new Kind(
                        AllocationScope.ofWire(text.substring(text.indexOf('→') + 1))
                                .orElseThrow(),
                        kind.project(),
                        kind.supplier(),
                        kind.network(),
                        kind.traits(),
                        kind.tariffs());
            case SUPPLY -> {
                var type = text.contains("'")
                        ? Optional.of(text.substring(text.indexOf('\'') + 1, text.length() - 1))
                        : Optional.<String>empty();
                var cell = new Offer.Cell(type, Optional.empty(), PictureTest.NOW);
                long product = wanted.release().contains("one") ? 0 : 1;
                stock.merge(
                        wanted.release(),
                        new Offer.Stock(product, List.of(cell), Map.of("large", 3)),
                        Offer.Stock::and);
            }
            case ADD_PARTITION -> {
                if (text.startsWith("capacity")) {
                    capacity = Long.parseLong(text.substring(text.indexOf('→') + 1));
                } else if (text.contains("'")) {
                    special.merge(text.substring(text.indexOf('\'') + 1, text.length() - 1), 1, Integer::sum);
                } else {
                    free++;
                }
            }
            case COME_BACK -> heard = PictureTest.NOW;
            case PAY_MORE, WANT_LESS, GO_ELSEWHERE -> {}
        }
        return new Offer(
                was.id(), was.computer(), kind, stock, free, was.total() + 1, special, was.load(), capacity, heard);
    }

    static Wanted ceiling(Wanted wanted, Price.Monthly ceiling) {
        return with(wanted, was -> was.ceiling = Optional.of(ceiling));
    }

    /// @param to empty = any
    private static Wanted network(Wanted wanted, String to) {
        return with(wanted, was -> was.network = Optional.of(to).filter(it -> !it.isEmpty()));
    }

    private static Wanted supplier(Wanted wanted, String to) {
        return with(wanted, was -> was.supplier = Optional.of(to));
    }

    private static Wanted anyMode(Wanted wanted) {
        return with(wanted, was -> was.mode = Optional.empty());
    }

    private static Wanted computer(Wanted wanted, ComputerId to) {
        return with(wanted, was -> was.computer = Optional.of(to));
    }

    /// @param to nothing = any
    private static Wanted demanding(Wanted wanted, Demand instead, Optional<Trait> to) {
        return with(wanted, was -> {
            was.demands.remove(instead);
            to.ifPresent(trait -> was.demands.add(new Demand(instead.characteristic(), instead.comparison(), trait)));
        });
    }

    /// What of the conditions a requester changes.
    private static final class Changing {
        private Optional<ComputerId> computer;
        private Optional<String> network;
        private Optional<String> supplier;
        private Optional<Conditions.Mode> mode;
        private Optional<Price.Monthly> ceiling;
        private final List<Demand> demands;

        Changing(Conditions was) {
            computer = was.computer();
            network = was.network();
            supplier = was.supplier();
            mode = was.mode();
            ceiling = was.ceiling();
            demands = new ArrayList<>(was.demands());
        }
    }

    private static Wanted with(Wanted was, Consumer<Changing> change) {
        var before = was.conditions();
        var now = new Changing(before);
        change.accept(now);
        return new Wanted(
                was.title(),
                was.release(),
                was.type(),
                was.customer(),
                was.project(),
                new Conditions(
                        now.computer,
                        before.host(),
                        now.network,
                        before.project(),
                        now.supplier,
                        before.capability(),
                        now.mode,
                        now.ceiling,
                        now.demands),
                was.siblings(),
                was.networks());
    }
}
