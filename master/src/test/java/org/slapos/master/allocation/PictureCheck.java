package org.slapos.master.allocation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slapos.master.computer.Contacts;
import org.slapos.master.db.Database;

/// Compares the picture that a Master has in memory with one that is read anew.
public final class PictureCheck {
    private PictureCheck() {}

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
