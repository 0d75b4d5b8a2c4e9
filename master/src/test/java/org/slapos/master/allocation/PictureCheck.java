package org.slapos.master.allocation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slapos.master.computer.Contacts;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;

/// Compares the picture that a Master has in memory with one that is read anew.
public final class PictureCheck {
    private PictureCheck() {}

    /// The Computers of which, after such a look, something else is free than the database says.
    public static List<String> otherFree(Transaction tx, Market market, Instant now) {
        market.refresh(tx, now);
        var kept = market.offers();
        var different = new ArrayList<String>();
        tx.handle()
                .createQuery("""
                        select computer_id, count(*) filter (where state = 'free'), count(*) from computer_partition
                        where state <> 'inactive' and capabilities = '{}' group by computer_id""")
                .map((row, _) -> {
                    var offer = kept.get(row.getLong(1));
                    if (offer == null || offer.free() != row.getInt(2) || offer.total() != row.getInt(3)) {
                        different.add("free are " + row.getInt(2) + " of " + row.getInt(3) + ", not as in " + offer);
                    }
                    return row;
                })
                .list();
        return different;
    }

    /// The Computers that a look at what was changed has left different from what is in the database.
    public static List<String> differences(Database database, Market market, Contacts contacts, Instant now) {
        database.inTransaction(tx -> {
            market.refresh(tx, now);
            return tx;
        });
        var kept = withoutContacts(market.offers());
        var fresh = withoutContacts(new Market(database, contacts, now).offers());
        var different = new ArrayList<String>();
        fresh.forEach((id, offer) -> {
            if (!offer.equals(kept.get(id))) {
                different.add(kept.get(id) + " should be " + offer);
            }
        });
        if (kept.size() != fresh.size()) {
            different.add(kept.size() + " Computers should be " + fresh.size());
        }
        return different;
    }

    /// A contact is no change of the market.
    private static Map<Long, Offer> withoutContacts(Map<Long, Offer> offers) {
        return offers.values().stream()
                .map(it -> new Offer(
                        it.id(),
                        it.computer(),
                        it.kind(),
                        it.stock(),
                        it.free(),
                        it.total(),
                        it.special(),
                        it.load(),
                        it.capacity(),
                        Instant.EPOCH))
                .collect(Collectors.toMap(Offer::id, it -> it));
    }
}
