package org.slapos.master.party;

import java.time.InstantSource;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.db.Database;

/// Says who reads by a feed's token: a person, at one address.
public final class ReadFeed {
    private final Database database;
    private final InstantSource clock;
    private final Assignments assignments;
    private final TokenStore store = new TokenStore();

    public ReadFeed(Database database, InstantSource clock, Assignments assignments) {
        this.database = database;
        this.clock = clock;
        this.assignments = assignments;
    }

    /// The person whose eyes the reader has.
    ///
    /// @param path what is read: below the Master's root, with its query but the token
    public Outcome<String> reader(String token, String path) {
        var now = clock.instant();
        var found = database.inTransaction(tx -> store.find(tx, token));
        if (found.isEmpty() || found.get().scope() != Token.Scope.FEED) {
            return refused("This is no token for reading");
        }
        var feed = found.get();
        if (!feed.state(now).equals("open")) {
            return refused("This token is " + feed.state(now) + ": ask for a new one");
        }
        if (!feed.bound().path().equals(Optional.of(path))) {
            return refused("This token reads " + feed.bound().path().orElse("") + ", and not " + path);
        }
        return assignments.of(feed.person()).state().equals(Optional.of(PartyState.VALIDATED))
                ? new Outcome.Done<>(feed.person())
                : refused("This token is of " + feed.person() + ", who is not validated");
    }

    private static Outcome<String> refused(String message) {
        return Outcome.refused(Problem.forbidden(message));
    }
}
