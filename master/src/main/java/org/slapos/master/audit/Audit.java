package org.slapos.master.audit;

import java.time.Instant;
import java.time.ZoneOffset;
import org.slapos.master.db.Transaction;

/// Writes the audit trail. A use-case says in one line what it does; who does it is known already ([Actor]).
public final class Audit {
    /// Characters of what was before and after.
    private static final int SHORT = 500;

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
        tx.handle()
                .execute(
                        """
                        INSERT INTO event (at, who, proof, address, request, action, object, before, after)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                        now.atOffset(ZoneOffset.UTC),
                        actor.who(),
                        actor.proof().get(),
                        actor.address(),
                        actor.request(),
                        action,
                        object,
                        shortened(before),
                        shortened(after));
    }

    private static String shortened(Object told) {
        var text = String.valueOf(told);
        return text.length() <= SHORT ? text : text.substring(0, SHORT - 1) + "…";
    }
}
