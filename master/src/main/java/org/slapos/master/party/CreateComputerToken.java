package org.slapos.master.party;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import org.slapos.master.db.Database;

/// Gives a person a token with which one machine becomes a Computer of that person.
public final class CreateComputerToken {
    private static final Duration LIFE = Duration.ofDays(1);

    private final Database database;
    private final InstantSource clock;
    private final SecureRandom random;
    private final PartyStore store = new PartyStore();

    public CreateComputerToken(Database database, InstantSource clock, SecureRandom random) {
        this.database = database;
        this.clock = clock;
        this.random = random;
    }

    /// @param person reference of who asks; it exists
    public Token create(String person) {
        var now = clock.instant();
        var token = Token.make(Token.Scope.COMPUTER_REGISTRATION, now.plus(LIFE), random);
        return database.inTransaction(tx -> {
            store.insertToken(tx, token, person, now);
            return token;
        });
    }
}
