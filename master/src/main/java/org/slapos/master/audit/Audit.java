package org.slapos.master.audit;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.slapos.master.db.Transaction;

/// Writes the audit trail. A use-case says in one line what it does; who does it is known already ([Actor]).
public final class Audit {
    /// Characters of what was before and after.
    private static final int SHORT = 500;

    private static final BiConsumer<Transaction, List<Event>> WRITE = Audit::write;

    private Audit() {}

    /// Something was done to a thing.
    ///
    /// @param action  what, a noun and a verb: `computer.register`
    /// @param object  reference of the thing
    /// @param outcome what it is now, in short; never a secret
    public static void note(Transaction tx, Instant now, String action, String object, Object outcome) {
        note(tx, now, action, object, "", outcome);
    }

    /// As [#note], with what was before.
    public static void note(Transaction tx, Instant now, String action, String object, Object before, Object after) {
        var actor = Actor.current();
        tx.gather(
                WRITE,
                new Event(
                        0,
                        now,
                        actor.who(),
                        actor.proof().get(),
                        actor.address(),
                        actor.request(),
                        action,
                        object,
                        shortened(before),
                        shortened(after)));
    }

    private static void write(Transaction tx, List<Event> rows) {
        tx.handle()
                .createUpdate("""
                        INSERT INTO event (at, who, proof, address, request, action, object, before, after)
                        SELECT * FROM unnest(:at::timestamptz[], :who, :proof, :address, :request, :action, :object,
                            :before, :after)""")
                .bind(
                        "at",
                        column(rows, row -> row.at().atOffset(ZoneOffset.UTC).toString()))
                .bind("who", column(rows, Event::who))
                .bind("proof", column(rows, Event::proof))
                .bind("address", column(rows, Event::address))
                .bind("request", column(rows, Event::request))
                .bind("action", column(rows, Event::action))
                .bind("object", column(rows, Event::object))
                .bind("before", column(rows, Event::before))
                .bind("after", column(rows, Event::after))
                .execute();
    }

    private static String[] column(List<Event> rows, Function<Event, String> value) {
        return rows.stream().map(value).toArray(String[]::new);
    }

    private static String shortened(Object told) {
        var text = String.valueOf(told);
        return text.length() <= SHORT ? text : text.substring(0, SHORT - 1) + "…";
    }
}
