package org.slapos.master.allocation;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.master.computer.AllocationScope;
import org.slapos.master.computer.Characteristic;
import org.slapos.master.computer.Trait;

/// What many Computers have in common: all that a request may ask of a Computer, but for how full it is. Pure.
///
/// @param supplier reference of a party
/// @param network  `NET-n`; empty = none
record Kind(
        AllocationScope scope,
        String project,
        String supplier,
        String network,
        Map<Characteristic, Trait> traits,
        List<Tariff> tariffs) {
    Kind {
        traits = Map.copyOf(traits);
        tariffs = List.copyOf(tariffs);
    }

    /// What an instance costs there, when it is for whom and what this is for.
    ///
    /// @param product  number of a product; nothing = each
    /// @param type     nothing = each
    /// @param customer reference of a person; nothing = everybody
    record Tariff(
            Optional<Long> product,
            Optional<String> type,
            Optional<String> customer,
            Price.Monthly price,
            Instant from,
            Optional<Instant> until) {
        private boolean isFor(long wantedProduct, String wantedType, String who, Instant now) {
            return !from.isAfter(now)
                    && until.map(now::isBefore).orElse(true)
                    && product.map(p -> p == wantedProduct).orElse(true)
                    && type.map(wantedType::equals).orElse(true)
                    && customer.map(who::equals).orElse(true);
        }

        /// The more it is about, the more it counts: a customer's own before everybody's, then a product's, then a
        /// type's.
        private int weight() {
            return (customer.isPresent() ? 4 : 0) + (product.isPresent() ? 2 : 0) + (type.isPresent() ? 1 : 0);
        }
    }

    @Nullable
    Trait trait(Characteristic characteristic) {
        return traits.get(characteristic);
    }

    /// What it costs then; what has no price is free of charge.
    Price.Monthly price(long product, String type, String customer, Instant now) {
        return tariffs.stream()
                .filter(tariff -> tariff.isFor(product, type, customer, now))
                .max(Comparator.comparingInt(Tariff::weight).thenComparing(Tariff::from))
                .map(Tariff::price)
                .orElse(Price.Monthly.FREE);
    }
}
