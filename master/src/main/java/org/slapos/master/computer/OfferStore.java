package org.slapos.master.computer;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slapos.master.db.Transaction;

/// The columns of `computer` that say how it is offered, and `computer_characteristic`.
final class OfferStore {
    /// Whether it was another before.
    boolean change(Transaction tx, long computer, ComputerSettings settings) {
        int changed = tx.handle()
                .createUpdate("""
                        update computer
                        set scope = coalesce(:scope, scope), capacity = coalesce(:capacity, capacity),
                            supplier = coalesce(:supplier, supplier),
                            network = nullif(coalesce(:network, network), '')
                        where id = :id and (scope, capacity, supplier, network) is distinct from
                            (coalesce(:scope, scope), coalesce(:capacity, capacity), coalesce(:supplier, supplier),
                             nullif(coalesce(:network, network), ''))""")
                .bind("id", computer)
                .bind("scope", settings.scope().map(AllocationScope::wire).orElse(null))
                .bind("capacity", settings.capacity().orElse(null))
                .bind("supplier", settings.supplier().orElse(null))
                .bind("network", settings.network().orElse(null))
                .execute();
        for (var said : settings.characteristics().entrySet()) {
            changed += characteristic(
                    tx,
                    computer,
                    "operator",
                    said.getKey().wire(),
                    said.getValue().map(Trait::text));
        }
        return changed > 0;
    }

    /// What its node announces replaces what it announced before. Whether that was something else.
    boolean announce(Transaction tx, long computer, Map<Characteristic, Trait> announced) {
        int changed = 0;
        for (var characteristic : Characteristic.values()) {
            changed += characteristic(
                    tx,
                    computer,
                    "node",
                    characteristic.wire(),
                    Optional.ofNullable(announced.get(characteristic)).map(Trait::text));
        }
        return changed > 0;
    }

    private static int characteristic(
            Transaction tx, long computer, String source, String name, Optional<String> value) {
        var statement = tx.handle()
                .createUpdate(value.isPresent() ? """
                                insert into computer_characteristic (computer_id, source, name, value)
                                values (:id, :source, :name, :value)
                                on conflict (computer_id, name, source) do update set value = excluded.value
                                    where computer_characteristic.value <> excluded.value""" : """
                                delete from computer_characteristic
                                where computer_id = :id and source = :source and name = :name""")
                .bind("id", computer)
                .bind("source", source)
                .bind("name", name);
        value.ifPresent(text -> statement.bind("value", text));
        return statement.execute();
    }

    /// The market looks again at what changed of it.
    void moved(Transaction tx, long computer) {
        tx.handle().createUpdate("""
                        update computer set market_xid = pg_current_xact_id(), offer_xid = pg_current_xact_id()
                        where id = :id""").bind("id", computer).execute();
    }

    boolean isParty(Transaction tx, String reference) {
        return tx.handle()
                .createQuery("select exists (select from party where reference = :reference)")
                .bind("reference", reference)
                .mapTo(Boolean.class)
                .one();
    }

    boolean isNetwork(Transaction tx, String reference, long computer) {
        return tx.handle()
                .createQuery("""
                        select exists (select from network where reference = :reference
                            and project = (select project from computer where id = :computer))""")
                .bind("reference", reference)
                .bind("computer", computer)
                .mapTo(Boolean.class)
                .one();
    }

    /// As an operator reads them: what the node announced says so.
    Map<String, String> settings(Transaction tx, long computer) {
        var settings = new TreeMap<String, String>();
        tx.handle()
                .createQuery("select scope, capacity, supplier, owner, network from computer where id = :id")
                .bind("id", computer)
                .map((row, _) -> {
                    settings.put("scope", row.getString("scope"));
                    settings.put("capacity", row.getString("capacity"));
                    var supplier = row.getString("supplier");
                    settings.put("supplier", supplier.isEmpty() ? row.getString("owner") : supplier);
                    Optional.ofNullable(row.getString("network"))
                            .ifPresent(network -> settings.put("network", network));
                    return settings;
                })
                .one();
        tx.handle()
                .createQuery("""
                        select distinct on (name) name, value from computer_characteristic where computer_id = :id
                        order by name, source desc""")
                .bind("id", computer)
                .map((row, _) -> Map.entry(row.getString("name"), row.getString("value")))
                .forEach(said -> settings.put(said.getKey(), said.getValue()));
        return settings;
    }
}
