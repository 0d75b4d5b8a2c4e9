package org.slapos.master.allocation;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slapos.master.computer.AllocationScope;
import org.slapos.master.computer.Characteristic;
import org.slapos.master.computer.Trait;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;

/// Reads what changed of the offers since the last time. The transaction that changed a Computer is written down with
/// it, so that nothing is missed and nothing else is read.
final class OfferReader {
    /// @param horizon the oldest transaction that may not have been seen yet
    record Changes(String horizon, List<Offer> offers) {}

    private record Row(
            long id,
            ComputerId reference,
            AllocationScope scope,
            String project,
            String supplier,
            String network,
            long capacity,
            Instant heard,
            boolean isOther) {}

    private record Partitions(int free, int total, Map<String, Integer> special, long load) {
        static final Partitions NONE = new Partitions(0, 0, Map.of(), 0);
    }

    /// @param doubted numbers of Computers that are read in any case
    /// @param known   an offer as it was read last
    Changes changes(
            Transaction tx,
            String horizon,
            Collection<Long> doubted,
            LongFunction<@Nullable Offer> known,
            Instant now) {
        var next = new ArrayList<String>();
        var rows = new ArrayList<Row>();
        tx.handle()
                .createQuery("""
                        select pg_snapshot_xmin(pg_current_snapshot())::text as horizon, c.id, c.reference, c.scope,
                            c.project,
                            case c.supplier when '' then c.owner else c.supplier end as supplier, coalesce(c.network, '') as network, c.capacity,
                            greatest(c.contacted_at, c.formatted_at, c.created_at) as heard,
                            c.offer_xid >= cast(:horizon as xid8) as other
                        from (values (1)) as one left join (
                            select * from computer where market_xid >= cast(:horizon as xid8)
                            union select * from computer where id = any(:doubted)) as c on true""")
                .bind("horizon", horizon)
                .bind("doubted", doubted.toArray(Long[]::new))
                .map((row, _) -> {
                    next.add(row.getString("horizon"));
                    if (row.getString("reference") != null) {
                        rows.add(row(row));
                    }
                    return row;
                })
                .list();
        return new Changes(next.getFirst(), rows.isEmpty() ? List.of() : offers(tx, rows, known, now));
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                row.getLong("id"),
                new ComputerId(row.getString("reference")),
                AllocationScope.ofWire(row.getString("scope")).orElseThrow(),
                row.getString("project"),
                row.getString("supplier"),
                row.getString("network"),
                row.getLong("capacity"),
                row.getTimestamp("heard").toInstant(),
                row.getBoolean("other"));
    }

    private static List<Offer> offers(
            Transaction tx, List<Row> rows, LongFunction<@Nullable Offer> known, Instant now) {
        var all = rows.stream().map(Row::id).toArray(Long[]::new);
        var partitions = partitions(tx, all);
        var others = rows.stream()
                .filter(row -> row.isOther() || known.apply(row.id()) == null)
                .map(Row::id)
                .toArray(Long[]::new);
        var stock = others.length == 0 ? Map.<Long, Map<String, Offer.Stock>>of() : stock(tx, others, now);
        var traits = others.length == 0 ? Map.<Long, Map<Characteristic, Trait>>of() : traits(tx, others);
        var tariffs = others.length == 0 ? Map.<Long, List<Kind.Tariff>>of() : tariffs(tx, others, now);
        return rows.stream()
                .map(row -> {
                    var before = known.apply(row.id());
                    boolean isSame = before != null && !row.isOther();
                    var held = partitions.getOrDefault(row.id(), Partitions.NONE);
                    return new Offer(
                            row.id(),
                            row.reference(),
                            isSame
                                    ? before.kind()
                                    : new Kind(
                                            row.scope(),
                                            row.project(),
                                            row.supplier(),
                                            row.network(),
                                            traits.getOrDefault(row.id(), Map.of()),
                                            tariffs.getOrDefault(row.id(), List.of())),
                            isSame ? before.stock() : stock.getOrDefault(row.id(), Map.of()),
                            held.free(),
                            held.total(),
                            held.special(),
                            held.load(),
                            row.capacity(),
                            row.heard());
                })
                .toList();
    }

    private static Map<Long, Partitions> partitions(Transaction tx, Long[] computers) {
        var partitions = new HashMap<Long, Partitions>();
        tx.handle()
                .createQuery("""
                        select computer_id, state, capabilities, count(*) as number, sum(weight) as weight
                        from computer_partition where computer_id = any(:computers) and state <> 'inactive'
                        group by computer_id, state, capabilities""")
                .bind("computers", computers)
                .map((row, _) -> {
                    boolean isFree = row.getString("state").equals("free");
                    var capabilities =
                            List.of((String[]) row.getArray("capabilities").getArray());
                    int number = row.getInt("number");
                    var before = partitions.getOrDefault(row.getLong("computer_id"), Partitions.NONE);
                    var special = new HashMap<>(before.special());
                    if (isFree) {
                        capabilities.forEach(name -> special.merge(name, number, Integer::sum));
                    }
                    boolean isPlain = capabilities.isEmpty();
                    partitions.put(
                            row.getLong("computer_id"),
                            new Partitions(
                                    before.free() + (isPlain && isFree ? number : 0),
                                    before.total() + (isPlain ? number : 0),
                                    special,
                                    before.load() + (isFree ? 0 : row.getLong("weight"))));
                    return number;
                })
                .list();
        return partitions;
    }

    private static Map<Long, Map<String, Offer.Stock>> stock(Transaction tx, Long[] computers, Instant now) {
        var stock = new HashMap<Long, Map<String, Offer.Stock>>();
        var weights = new HashMap<Long, Map<String, Integer>>();
        tx.handle()
                .createQuery("""
                        select product_id, name, weight from software_type where product_id in (
                            select r.product_id from allocation_supply s join software_release r on r.id = s.release_id
                            where s.ended_at is null and s.computer_id = any(:computers))""")
                .bind("computers", computers)
                .map((row, _) -> weights.computeIfAbsent(row.getLong("product_id"), _ -> new HashMap<>())
                        .put(row.getString("name"), row.getInt("weight")))
                .list();
        tx.handle()
                .createQuery("""
                        select s.computer_id, r.url, r.product_id, s.software_type, s.customer,
                            case when s.begins_at > :now then s.begins_at end as begins_at
                        from allocation_supply s join software_release r on r.id = s.release_id
                        where s.ended_at is null and s.computer_id = any(:computers) order by s.id""")
                .bind("computers", computers)
                .bind("now", now)
                .map((row, _) -> {
                    long product = row.getLong("product_id");
                    var begins = row.getTimestamp("begins_at");
                    var cell = new Offer.Cell(
                            Optional.ofNullable(row.getString("software_type")),
                            Optional.ofNullable(row.getString("customer")),
                            begins == null ? Instant.EPOCH : begins.toInstant());
                    var next = new Offer.Stock(product, List.of(cell), weights.getOrDefault(product, Map.of()));
                    return stock.computeIfAbsent(row.getLong("computer_id"), _ -> new HashMap<>())
                            .merge(row.getString("url"), next, Offer.Stock::and);
                })
                .list();
        return stock;
    }

    /// What the operator says comes before what the node announced.
    private static Map<Long, Map<Characteristic, Trait>> traits(Transaction tx, Long[] computers) {
        var traits = new HashMap<Long, Map<Characteristic, Trait>>();
        tx.handle()
                .createQuery("""
                        select distinct on (computer_id, name) computer_id, name, value from computer_characteristic
                        where computer_id = any(:computers) order by computer_id, name, source desc""")
                .bind("computers", computers)
                .map((row, _) -> {
                    try {
                        var characteristic = Characteristic.ofWire(row.getString("name"));
                        if (characteristic.isPresent()) {
                            traits.computeIfAbsent(row.getLong("computer_id"), _ -> new EnumMap<>(Characteristic.class))
                                    .put(
                                            characteristic.get(),
                                            characteristic.get().read(row.getString("value")));
                        }
                    } catch (MalformedException _) {
                        // written by a later release, which knows more
                    }
                    return row;
                })
                .list();
        return traits;
    }

    private static Map<Long, List<Kind.Tariff>> tariffs(Transaction tx, Long[] computers, Instant now) {
        var tariffs = new HashMap<Long, List<Kind.Tariff>>();
        tx.handle()
                .createQuery("""
                        select computer_id, product_id, software_type, customer, amount, scale, currency, period,
                            case when valid_from > :now then valid_from end as valid_from, valid_to
                        from price where computer_id = any(:computers) and valid_to is distinct from valid_from
                            and (valid_to is null or valid_to > :now)
                        order by id""")
                .bind("computers", computers)
                .bind("now", now)
                .map((row, _) -> {
                    long product = row.getLong("product_id");
                    Optional<Long> onlyProduct = row.wasNull() ? Optional.empty() : Optional.of(product);
                    // One that holds already is the same whenever it began: Computers with equal prices are of a kind.
                    var from = row.getTimestamp("valid_from");
                    var until = row.getTimestamp("valid_to");
                    return tariffs.computeIfAbsent(row.getLong("computer_id"), _ -> new ArrayList<>())
                            .add(new Kind.Tariff(
                                    onlyProduct,
                                    Optional.ofNullable(row.getString("software_type")),
                                    Optional.ofNullable(row.getString("customer")),
                                    PriceStore.price(row).monthly(),
                                    from == null ? Instant.EPOCH : from.toInstant(),
                                    Optional.ofNullable(until == null ? null : until.toInstant())));
                })
                .list();
        return tariffs;
    }
}
