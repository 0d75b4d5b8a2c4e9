package org.slapos.master.party;

import java.time.Instant;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.db.Transaction;

/// Redeems a one-time token inside the transaction of what it is good for: [#look] first, [#spend] when all else is
/// well. A refusal leaves the token as it was; of two at the same time one waits, and then sees it spent.
public final class RedeemToken {
    private static final int MAX_LENGTH = 200;

    private final PartyStore store = new PartyStore();

    /// What a token is worth right now.
    public sealed interface Worth {
        /// @param person who asked for it
        record Valid(String person) implements Worth {}

        record Refused(Problem problem) implements Worth {}
    }

    /// Whether the token works for this, now; it is locked until the transaction ends, and not spent.
    public Worth look(Transaction tx, String text, Token.Scope scope, Instant now) {
        var row = text.length() > MAX_LENGTH ? Optional.<PartyStore.TokenRow>empty() : store.token(tx, text);
        if (row.isEmpty()) {
            return refused("This token is not known here: check that it was copied whole, or ask for a new one.");
        }
        var token = row.get();
        if (token.used().isPresent()) {
            return refused("This token was used already at " + token.used().get() + ": ask for a new one.");
        }
        if (!token.expires().isAfter(now)) {
            return refused("This token expired at " + token.expires() + ": ask for a new one.");
        }
        if (token.scope() != scope) {
            return refused("This token is for " + token.scope().purpose() + ", not for " + scope.purpose() + ".");
        }
        return new Worth.Valid(token.party());
    }

    /// Spends the token that was looked at in the same transaction.
    public void spend(Transaction tx, String text, Instant now) {
        if (store.useToken(tx, text, now) != 1) {
            throw new IllegalStateException("a token was spent without being looked at in the same transaction");
        }
    }

    private static Worth refused(String why) {
        return new Worth.Refused(Problem.forbidden(why));
    }
}
