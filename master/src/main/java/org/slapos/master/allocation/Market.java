package org.slapos.master.allocation;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slapos.master.computer.Contacts;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;

/// All that is offered, kept in memory and up to date: each look begins with reading what was changed since the last
/// one, by whatever Master, which costs as much as was changed. What it says may be taken by somebody else in the next
/// moment: taking decides.
///
/// Any thread may call; they come one after the other, for microseconds.
public final class Market {
    /// How long a Computer that seems silent is not looked up again: other Masters hear contacts, too.
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(60);

    private final Contacts contacts;
    private final Instant start;
    private final Instant lastUp;
    private final Picture picture = new Picture();
    private final OfferReader reader = new OfferReader();
    private final Set<Long> doubted = new HashSet<>();
    private final Map<Long, Instant> looked = new HashMap<>();
    private String horizon = "0";
    private long plans;
    private long planNanoseconds;
    private long refreshes;
    private long refreshNanoseconds;

    /// @param computers        that are known
    /// @param plans            looks for a place, and the time they took together
    /// @param refreshes        readings of what was changed, and the time they took together
    public record Figures(int computers, long plans, long planMicroseconds, long refreshes, long refreshMicroseconds) {}

    /// Reads all there is.
    public Market(Database database, Contacts contacts, Instant now) {
        this.contacts = contacts;
        this.start = now;
        this.lastUp = database.inTransaction(tx -> {
            forgetOtherClusters(tx);
            refresh(tx, now);
            return tx.handle()
                    .createQuery("select coalesce(max(contacted_at), '-infinity'::timestamptz) > '-infinity', "
                            + "max(contacted_at) from computer")
                    .map((row, _) -> row.getBoolean(1) ? row.getTimestamp(2).toInstant() : Instant.EPOCH)
                    .one();
        });
    }

    /// After a restore the database counts transactions from the beginning: no Computer was changed by a later one.
    private static void forgetOtherClusters(Transaction tx) {
        tx.handle().execute("""
                update computer set market_xid = '3', offer_xid = '3'
                where market_xid > pg_snapshot_xmax(pg_current_snapshot())
                    or offer_xid > pg_snapshot_xmax(pg_current_snapshot())""");
    }

    /// Reads what was changed since the last time. To be called before the transaction changes a Computer or a
    /// partition itself: what is read here is shown to all, whether or not this transaction is kept.
    public synchronized void refresh(Transaction tx, Instant now) {
        long begin = System.nanoTime();
        var changes = reader.changes(tx, horizon, doubted, picture::get, now);
        changes.offers().forEach(picture::put);
        horizon = changes.horizon();
        doubted.clear();
        refreshes++;
        refreshNanoseconds += System.nanoTime() - begin;
    }

    /// What it has cost so far, of this process.
    public synchronized Figures figures() {
        return new Figures(picture.size(), plans, planNanoseconds / 1000, refreshes, refreshNanoseconds / 1000);
    }

    /// Where to go, and where else: at most two, the best first; none when nothing fits.
    synchronized List<Choice> plan(Wanted wanted, Instant now, Set<Long> passed) {
        long begin = System.nanoTime();
        var choices = picture.plan(wanted, now, this::heardOf, passed);
        plans++;
        planNanoseconds += System.nanoTime() - begin;
        return choices;
    }

    /// Of those Computers, the best for what takes no place there; whether or not they are full.
    synchronized Optional<Choice> suiting(Wanted wanted, Instant now, Set<Long> computers) {
        return picture.suiting(wanted, now, this::heardOf, computers);
    }

    /// Whether that Computer could be used for it now.
    public synchronized boolean isFit(Wanted wanted, Instant now, long computer) {
        return picture.isFit(wanted, now, this::heardOf, computer);
    }

    /// Whether the Computer, by its number, takes anything of that release: a rough look without conditions.
    public synchronized Set<String> stockOf(long computer) {
        var offer = picture.get(computer);
        return offer == null ? Set.of() : offer.stock().keySet();
    }

    /// In which project that Computer is; empty when it is not known.
    public synchronized String projectOf(long computer) {
        var offer = picture.get(computer);
        return offer == null ? "" : offer.kind().project();
    }

    /// The number of a Computer that this Master knows.
    public synchronized Optional<Long> numberOf(ComputerId computer) {
        return Optional.ofNullable(picture.get(computer)).map(Offer::id);
    }

    /// Of all Computers that this Master knows.
    public synchronized Set<Long> numbers() {
        return picture.numbers();
    }

    /// Whether it was not heard of for so long that it takes nothing new.
    public synchronized boolean isSilent(ComputerId computer, Instant now) {
        var offer = picture.get(computer);
        return offer != null && heardOf(offer).plus(Check.SILENCE).isBefore(now);
    }

    /// Whether something may wait for its next call: it was not heard of for so long, be it because no Master was there
    /// to hear it.
    public synchronized boolean isMissed(ComputerId computer, Instant now) {
        var offer = picture.get(computer);
        return offer != null
                && contacts.last(computer)
                        .filter(offer.heard()::isBefore)
                        .orElse(offer.heard())
                        .plus(Check.SILENCE)
                        .isBefore(now);
    }

    /// Whether it has a partition left of any sort.
    public synchronized boolean isFreeSomewhere(long computer) {
        var offer = picture.get(computer);
        return offer != null
                && (offer.free() > 0 || offer.special().values().stream().anyMatch(free -> free > 0));
    }

    /// All there is, by the Computers' numbers.
    synchronized Map<Long, Offer> offers() {
        return picture.offers();
    }

    synchronized Optional<Offer> offer(long computer) {
        return Optional.ofNullable(picture.get(computer));
    }

    /// What would happen now, and why.
    public synchronized Outlook look(Wanted wanted, Instant now) {
        var prospects = plan(wanted, now, Set.of()).stream()
                .map(choice -> new Outlook.Prospect(choice.offer().computer(), choice.price()))
                .toList();
        return new Outlook(prospects, explain(wanted, now));
    }

    synchronized Explanation explain(Wanted wanted, Instant now) {
        return picture.explain(wanted, now, this::heardOf);
    }

    /// Something there was taken, until it is read again.
    synchronized void took(long computer, Wanted wanted) {
        var offer = picture.get(computer);
        if (offer != null) {
            var stock = offer.stock().get(wanted.release());
            picture.put(
                    offer.lessOne(wanted.conditions().capability(), stock == null ? 1 : stock.weight(wanted.type())));
            doubted.add(computer);
        }
    }

    /// Has that Computer, by its number, read again at the next look: it may not be as it seems, or heard of by another
    /// Master since.
    public synchronized void doubt(long computer) {
        doubted.add(computer);
    }

    /// Reads again when Computers that have the software were last heard of, of those that seem silent here: whether
    /// there were any to read.
    public synchronized boolean askForSilent(Transaction tx, Wanted wanted, Instant now) {
        var seemSilent = picture.silent(wanted, now, this::heardOf).stream()
                .filter(id -> !looked.containsKey(id)
                        || looked.get(id).plus(LOOK_AGAIN).isBefore(now))
                .toList();
        if (seemSilent.isEmpty()) {
            return false;
        }
        seemSilent.forEach(id -> looked.put(id, now));
        doubted.addAll(seemSilent);
        refresh(tx, now);
        return true;
    }

    /// When a Computer was last heard of. The time in which no Master was there to hear it is not its silence: one that
    /// was heard of until then begins anew.
    private Instant heardOf(Offer offer) {
        var written = offer.heard().isBefore(lastUp.minus(Check.SILENCE))
                        || offer.heard().isAfter(start)
                ? offer.heard()
                : start;
        return contacts.last(offer.computer())
                .filter(contact -> contact.isAfter(written))
                .orElse(written);
    }
}
