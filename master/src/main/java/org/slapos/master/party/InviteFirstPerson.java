package org.slapos.master.party;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.Holder;

/// Lets the first person in: a token for their certificate, until they have one.
public final class InviteFirstPerson {
    private static final Duration LIFE = Duration.ofDays(30);

    private final Database database;
    private final InstantSource clock;
    private final SecureRandom random;
    private final CertificateAuthority authority;
    private final PartyStore store = new PartyStore();
    private final TokenStore tokens = new TokenStore();
    private final AssignmentStore assignments = new AssignmentStore();

    public InviteFirstPerson(
            Database database, InstantSource clock, SecureRandom random, CertificateAuthority authority) {
        this.database = database;
        this.clock = clock;
        this.random = random;
        this.authority = authority;
    }

    /// Whether the first person has a certificate.
    public boolean isDone() {
        return database.inTransaction(tx -> store.firstPerson(tx)
                .flatMap(person -> authority.active(tx, Holder.person(person)))
                .isPresent());
    }

    /// A new token for the first person, who is made on the first call; nothing when they have their certificate.
    ///
    /// @param again the certificate was lost: it is revoked, and a token comes in any case
    public Optional<Token> invite(boolean again) {
        var now = clock.instant();
        return database.inTransaction(tx -> {
            store.lockPeople(tx);
            var person = store.firstPerson(tx).orElseGet(() -> welcome(tx, now));
            if (again) {
                authority.revoke(tx, Holder.person(person), now);
            }
            if (authority.active(tx, Holder.person(person)).isPresent()) {
                return Optional.empty();
            }
            var token = Token.make(Token.Scope.PERSON_CERTIFICATE, LIFE, now, random);
            long id = tokens.insert(tx, token, person, Token.Bound.NOTHING, now);
            Audit.note(
                    tx,
                    now,
                    "token.create",
                    person,
                    "token " + id + " for " + token.scope().purpose() + ", the first person's");
            return Optional.of(token);
        });
    }

    /// The first person owns the default project and manages it and the system.
    private String welcome(Transaction tx, Instant now) {
        var person = store.insertPerson(tx, "First person", now);
        store.ownDefaultProject(tx, person);
        var project = Optional.of(Project.DEFAULT);
        assignments.open(tx, person, Function.CUSTOMER, project, now);
        assignments.open(tx, person, Function.PRODUCTION_MANAGER, project, now);
        assignments.open(tx, person, Function.SYSTEM_MANAGER, Optional.empty(), now);
        Audit.note(tx, now, "person.create", person, "the first person, who owns " + Project.DEFAULT);
        return person;
    }
}
