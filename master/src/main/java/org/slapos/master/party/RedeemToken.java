package org.slapos.master.party;

import java.time.Instant;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Transaction;

/// Redeems a one-time token inside the transaction of what it is good for: [#look] first, [#spend] when all else is
/// well. A refusal leaves the token as it was; of two at the same time one waits, and then sees it spent.
public final class RedeemToken {
    private static final int MAX_LENGTH = 200;

    private final TokenStore store = new TokenStore();
    private final AssignmentStore assignments = new AssignmentStore();

    /// What a token is worth right now.
    public sealed interface Worth {
        /// @param person who asked for it
        /// @param bound  what it is limited to
        record Valid(String person, Token.Bound bound) implements Worth {}

        record Refused(Problem problem) implements Worth {}
    }

    /// Whether the token works for this, now; it is locked until the transaction ends, and not spent.
    public Worth look(Transaction tx, String text, Token.Scope scope, Instant now) {
        var row = text.length() > MAX_LENGTH ? Optional.<IssuedToken>empty() : store.lock(tx, text);
        if (row.isEmpty()) {
            return refused("This token is not known here: check that it was copied whole, or ask for a new one.");
        }
        var token = row.get();
        if (token.used().isPresent()) {
            return refused("This token was used already at " + token.used().get() + ": ask for a new one.");
        }
        if (token.withdrawn().isPresent()) {
            return refused("This token was withdrawn at " + token.withdrawn().get() + ": ask for a new one.");
        }
        if (!token.expires().isAfter(now)) {
            return refused("This token expired at " + token.expires() + ": ask for a new one.");
        }
        if (token.scope() != scope) {
            return refused("This token is for " + token.scope().purpose() + ", not for " + scope.purpose() + ".");
        }
        return ofSomebodyWhoMay(tx, token);
    }

    /// What a person could no longer do themselves is not done by the tokens they left behind.
    private Worth ofSomebodyWhoMay(Transaction tx, IssuedToken token) {
        var held = assignments.of(tx, token.person());
        boolean isVerifying =
                token.scope() == Token.Scope.EMAIL_VERIFICATION && held.state().equals(Optional.of(PartyState.DRAFT));
        if (!isVerifying && !held.state().equals(Optional.of(PartyState.VALIDATED))) {
            return refused("This token is of " + token.person() + ", who is "
                    + held.state().map(PartyState::wire).orElse("not known here") + ".");
        }
        var project = token.bound().project();
        if (project.isPresent() && !held.isSystemManager() && !held.isIn(project.get())) {
            return refused("This token is for " + project.get() + ", where " + token.person()
                    + ", who asked for it, holds no function any more: ask a member for a new one.");
        }
        return new Worth.Valid(token.person(), token.bound());
    }

    /// Spends the token that was looked at in the same transaction.
    public void spend(Transaction tx, String text, Instant now) {
        if (store.use(tx, text, now) != 1) {
            throw new IllegalStateException("the token was not looked at in this transaction");
        }
        store.find(tx, text)
                .ifPresent(token -> Audit.note(
                        tx,
                        now,
                        "token.use",
                        token.person(),
                        "token " + token.id() + " for " + token.scope().purpose()));
    }

    private static Worth refused(String message) {
        return new Worth.Refused(Problem.forbidden(message));
    }
}
