package org.slapos.master;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slapos.master.allocation.PictureCheck;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.ledger.Ledger;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceXml;

/// What is true after each event, whatever was lost and whoever died.
final class Invariants {
    private static final String NEVER = """
            select 'a partition that has two instances', min(partition_id)::text from instance
                where partition_id is not null group by partition_id having count(*) > 1
            union all
            select 'a partition that is busy without an instance, or has one and is not busy', p.id::text
                from computer_partition p left join instance i on i.partition_id = p.id
                where (p.state = 'busy') <> (i.id is not null)
            union all
            select 'a title that two live instances of a tree have', min(title) from instance
                where ended_at is null group by tree_id, title having count(*) > 1
            union all
            select 'a title that two live trees of an owner have', min(title) from instance_tree
                where archived_at is null group by owner, title having count(*) > 1
            union all
            select 'an instance that runs without an open hosting of its owner''s, or one that is open for nothing',
                coalesce(i.reference, m.item) from
                    (select i.reference, t.owner from instance i join instance_tree t on t.id = i.tree_id
                        where i.running_since is not null and i.ended_at is null) i
                full join (select item, destination from movement
                        where stop_at is null and resource = 'software_hosting') m
                    on m.item = i.reference and m.destination = i.owner
                where m.item is null or i.reference is null
            union all
            select 'work that failed', kind || ' ' || subject || ': ' || error from work where error <> ''""";

    private final Database database;
    private final List<SimulatedCustomer> customers;
    private final Ledger ledger = new Ledger();

    /// What the database has of a title.
    private record Held(String guid, String state, String number, boolean isPlaced) {}

    Invariants(Database database, List<SimulatedCustomer> customers) {
        this.database = database;
        this.customers = customers;
    }

    /// @param isWhole whether all that the picture shows is read anew, or only what is free
    void check(TestTrades master, boolean isWhole) {
        database.inTransaction(tx -> {
            none(tx);
            nothingAcknowledgedIsLost(tx);
            if (!ledger.isBalanced(tx)) {
                throw new AssertionError("the ledger is not balanced");
            }
            none(
                    "a picture in memory of something else than is free",
                    PictureCheck.otherFree(tx, master.market(), master.clock.instant()));
            return tx;
        });
        if (isWhole) {
            none(
                    "a picture in memory that is not what the database says",
                    PictureCheck.differences(database, master.market(), master.contacts(), master.clock.instant()));
        }
    }

    /// What a Master keeps of each Computer's document is what one that just started renders.
    static void samePromises(TestTrades master, TestTrades fresh, List<ComputerId> computers) {
        for (var computer : computers) {
            var kept = promise(master, computer);
            var now = promise(fresh, computer);
            if (!kept.equals(now)) {
                throw new AssertionError("a Master tells " + computer + " " + kept + ", which is " + now);
            }
        }
    }

    private static String promise(TestTrades master, ComputerId computer) {
        var answer = master.get(TestTrades.ALICE, "getFullComputerInformation", Map.of("computer_id", computer.text()));
        return answer.headers().get("ETag") + " " + TestTrades.text(answer);
    }

    /// When all that was begun is finished, no instance waits for a place that it could have.
    void nobodyWaitsInVain(TestTrades master) {
        var waiting = database.inTransaction(tx -> tx.handle()
                .createQuery("select reference from instance where ended_at is null and partition_id is null"
                        + " and not shared and state <> 'destroyed' order by id")
                .mapTo(String.class)
                .list());
        for (var guid : waiting) {
            var said = master.json(
                    SimulationTest.CHIEF,
                    "slapos.get.v0.instance_explanation",
                    "{\"instance_guid\": \"" + guid + "\", \"computers\": 3}");
            if (!said.path("outcome").asText().equals("wait")) {
                throw new AssertionError(guid + " waits, and there is a place for it: " + said);
            }
        }
    }

    /// All that must never be, in one query.
    private static void none(Transaction tx) {
        var wrong = new TreeMap<String, List<String>>();
        tx.handle()
                .createQuery(NEVER)
                .map((row, _) -> wrong.computeIfAbsent(row.getString(1), _ -> new ArrayList<>())
                        .add(row.getString(2)))
                .list();
        wrong.forEach(Invariants::none);
    }

    private static void none(String what, List<String> found) {
        if (!found.isEmpty()) {
            throw new AssertionError("there is " + what + ": " + found);
        }
    }

    private void nothingAcknowledgedIsLost(Transaction tx) {
        var held = held(tx);
        for (var customer : customers) {
            customer.wishes().forEach((title, wish) -> {
                if (wish.isSure()) {
                    check(customer.reference() + " " + title, wish, held.get(customer.reference() + " " + title));
                }
            });
        }
    }

    private static Map<String, Held> held(Transaction tx) {
        var held = new HashMap<String, Held>();
        tx.handle()
                .createQuery("""
                        select t.owner || ' ' || t.title, i.reference, i.state, i.parameters, i.partition_id is not null
                        from instance_tree t join instance i on i.tree_id = t.id and i.parent_id is null
                        where t.archived_at is null and i.ended_at is null""")
                .map((row, _) -> held.put(
                        row.getString(1),
                        new Held(
                                row.getString(2),
                                row.getString(3),
                                InstanceXml.read(row.getString(4)).getOrDefault("number", ""),
                                row.getBoolean(5))))
                .list();
        return held;
    }

    private static void check(String name, SimulatedCustomer.Wish wish, @Nullable Held held) {
        if (wish.state().isEmpty()) {
            if (held != null) {
                throw new AssertionError(name + " was to be destroyed, which was acknowledged, and is " + held);
            }
            return;
        }
        boolean isKept = held != null
                && held.state().equals(wish.state().get().wire())
                && held.number().equals(Integer.toString(wish.number()))
                && (wish.guid().isEmpty() || (wish.guid().equals(held.guid()) && held.isPlaced()));
        if (!isKept) {
            throw new AssertionError(name + " was acknowledged as " + wish + ", and is " + held);
        }
    }
}
