package org.slapos.master.allocation;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slapos.protocol.ComputerId;

/// One Computer as the market sees it. Pure.
///
/// @param id       its number
/// @param stock    by URL, the SoftwareReleases that may be allocated there
/// @param free     partitions without a capability that hold nothing
/// @param total    partitions without a capability
/// @param special  free partitions by capability
/// @param load     sum of the weights of what it carries
/// @param capacity the load at which it takes no more
/// @param heard    the last contact that was written down
record Offer(
        long id,
        ComputerId computer,
        Kind kind,
        Map<String, Stock> stock,
        int free,
        int total,
        Map<String, Integer> special,
        long load,
        long capacity,
        Instant heard) {
    Offer {
        stock = Map.copyOf(stock);
        special = Map.copyOf(special);
    }

    /// One SoftwareRelease there.
    ///
    /// @param product number of its product
    /// @param weights of its types; 1 of each other
    record Stock(long product, List<Cell> cells, Map<String, Integer> weights) {
        Stock {
            cells = List.copyOf(cells);
            weights = Map.copyOf(weights);
        }

        Stock and(Stock more) {
            return new Stock(
                    product, Stream.concat(cells.stream(), more.cells.stream()).toList(), weights);
        }

        int weight(String type) {
            return weights.getOrDefault(type, 1);
        }

        boolean allows(String type, String customer, Instant now) {
            return cells.stream()
                    .anyMatch(cell -> !cell.from().isAfter(now)
                            && cell.type().map(type::equals).orElse(true)
                            && cell.customer().map(customer::equals).orElse(true));
        }

        /// Whether it is supplied for somebody else only, who need not be told.
        boolean isHiddenFrom(String customer) {
            return cells.stream()
                    .noneMatch(cell -> cell.customer().map(customer::equals).orElse(true));
        }
    }

    /// For what and whom a SoftwareRelease may be allocated there.
    ///
    /// @param type     nothing = each
    /// @param customer reference of a person; nothing = everybody
    record Cell(Optional<String> type, Optional<String> customer, Instant from) {}

    int free(Optional<String> capability) {
        return capability.map(name -> special.getOrDefault(name, 0)).orElse(free);
    }

    /// With a partition less, until it is read again.
    Offer lessOne(Optional<String> capability, int weight) {
        var rest = special;
        if (capability.isPresent()) {
            rest = new java.util.HashMap<>(special);
            rest.merge(capability.get(), -1, Integer::sum);
        }
        return new Offer(
                id,
                computer,
                kind,
                stock,
                capability.isPresent() ? free : free - 1,
                total,
                rest,
                load + weight,
                capacity,
                heard);
    }
}
