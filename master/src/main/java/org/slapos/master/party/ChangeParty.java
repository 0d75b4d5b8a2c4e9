package org.slapos.master.party;

import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Party.Detail;
import org.slapos.master.party.Party.Kind;

/// Makes people, organisations, projects and networks, and changes what is known of them.
public final class ChangeParty {
    private final Database database;
    private final InstantSource clock;
    private final Assignments assignments;
    private final Welcome welcome;
    private final FindParties parties;
    private final PartyStore store = new PartyStore();
    private final TokenStore tokens = new TokenStore();
    private final MailStore mails = new MailStore();
    private final Attempts attempts = new Attempts();

    public ChangeParty(Database database, InstantSource clock, Assignments assignments, Welcome welcome) {
        this.database = database;
        this.clock = clock;
        this.assignments = assignments;
        this.welcome = welcome;
        this.parties = new FindParties(database, assignments);
    }

    /// @param details those of the kind; a project without an owner belongs to who makes it, a network without a
    ///     project to the only one that this person is in
    public Outcome<Party> make(String me, Kind kind, String title, Map<Detail, String> details) {
        var now = clock.instant();
        return database.inTransaction(tx -> {
            var held = assignments.of(tx, me);
            var project = kind == Kind.NETWORK
                    ? held.project(Optional.ofNullable(details.get(Detail.PROJECT)))
                    : new Outcome.Done<>("");
            return project.then(where -> {
                if (!new PartyRules(me, held).mayMake(kind, where)) {
                    return Outcome.refused(Problem.forbidden(me + " may not make a " + kind.wire()
                            + (where.isEmpty() ? "" : " in " + where) + ": " + whoMayMake(kind) + " may"));
                }
                var wanted = new java.util.EnumMap<Detail, String>(Detail.class);
                wanted.putAll(details);
                if (kind == Kind.NETWORK) {
                    wanted.put(Detail.PROJECT, where);
                } else if (kind == Kind.PROJECT) {
                    wanted.putIfAbsent(Detail.OWNER, me);
                }
                return faultOf(tx, kind, title, wanted, "")
                        .<Outcome<Party>>map(Outcome::refused)
                        .orElseGet(() -> made(tx, kind, title.strip(), wanted, now));
            });
        });
    }

    private static String whoMayMake(Kind kind) {
        return switch (kind) {
            case PERSON, ORGANISATION -> "sale and accounting";
            case PROJECT -> "sale";
            case NETWORK -> "its production managers and agents";
        };
    }

    private Outcome<Party> made(Transaction tx, Kind kind, String title, Map<Detail, String> details, Instant now) {
        String reference;
        if (kind == Kind.PERSON) {
            reference = welcome.welcome(tx, title, details, PartyState.VALIDATED, now);
        } else {
            reference = store.insert(tx, kind, title, details, PartyState.VALIDATED, now);
            Audit.note(tx, now, kind.wire() + ".create", reference, "'" + title + "' " + details);
        }
        if (kind == Kind.PROJECT) {
            var owner = details.getOrDefault(Detail.OWNER, "");
            assignments.open(tx, owner, Function.PRODUCTION_MANAGER, Optional.of(reference), now);
            assignments.open(tx, owner, Function.CUSTOMER, Optional.of(reference), now);
        }
        return new Outcome.Done<>(store.find(tx, reference).orElseThrow());
    }

    /// Changes what is named, and nothing else.
    ///
    /// @param title   the new one, if it changes
    /// @param details an empty text takes one away
    /// @param root of the Master, as this caller reaches it: where the link leads by which a person verifies a new
    ///     e-mail address of theirs, which takes the place of the old one then
    public Outcome<Party> change(
            String me, String reference, Optional<String> title, Map<Detail, String> details, Supplier<URI> root) {
        var now = clock.instant();
        return database.inTransaction(tx -> parties.visible(tx, me, reference).then(before -> {
            var rules = new PartyRules(me, assignments.of(tx, me));
            var forbidden = details.keySet().stream()
                    .filter(detail -> !rules.mayChange(before, detail))
                    .findFirst();
            if (!rules.mayChange(before) || forbidden.isPresent()) {
                return Outcome.refused(Problem.forbidden(me + " may not change "
                        + forbidden.map(detail -> "'" + detail.wire() + "' of ").orElse("") + reference));
            }
            var fault = faultOf(tx, before.kind(), title.orElse(before.title()), details, reference);
            if (fault.isPresent()) {
                return Outcome.refused(fault.get());
            }
            store.lock(tx, reference);
            title.ifPresent(text -> store.rename(tx, reference, text.strip()));
            var given = Optional.ofNullable(details.get(Detail.EMAIL));
            boolean isToVerify = me.equals(reference)
                    && given.filter(email -> !email.isEmpty() && !email.equalsIgnoreCase(before.detail(Detail.EMAIL)))
                            .isPresent();
            if (isToVerify) {
                var waiting =
                        attempts.begin(tx, Attempts.Subject.mailbox(given.get().toLowerCase(Locale.ROOT)), now);
                if (waiting.isPresent()) {
                    return Outcome.refused(waiting.get());
                }
            }
            details.forEach((detail, text) ->
                    store.set(tx, reference, isToVerify && detail == Detail.EMAIL ? Detail.NEW_EMAIL : detail, text));
            if (given.isPresent()) {
                tokens.withdrawAll(tx, reference, Token.Scope.EMAIL_VERIFICATION, now);
                if (isToVerify) {
                    mails.insert(tx, Token.Scope.EMAIL_VERIFICATION, reference, given.get(), root.get(), now);
                } else {
                    store.set(tx, reference, Detail.NEW_EMAIL, "");
                }
            }
            if (details.containsKey(Detail.OWNER)) {
                assignments.changed(tx, "");
            }
            var after = store.find(tx, reference).orElseThrow();
            if (!after.equals(before)) {
                Audit.note(tx, now, before.kind().wire() + ".change", reference, shown(before), shown(after));
            }
            return new Outcome.Done<>(after);
        }));
    }

    private static String shown(Party party) {
        return "'" + party.title() + "' " + party.details();
    }

    /// Suspends a party, takes it back, or ends it for good. Nobody suspends themselves, nor the last system manager.
    public Outcome<Party> setState(String me, String reference, PartyState next) {
        var now = clock.instant();
        return database.inTransaction(tx -> parties.visible(tx, me, reference).then(_ -> {
            var before = store.lock(tx, reference).orElseThrow();
            var rules = new PartyRules(me, assignments.of(tx, me));
            if (!rules.maySuspend(before) || before.reference().equals(me)) {
                return Outcome.refused(Problem.forbidden(me + " may not make " + reference + " " + next));
            }
            if (!before.state().leadsTo(next)) {
                return Outcome.refused(
                        Problem.conflict(reference + " is " + before.state() + ", which does not become " + next));
            }
            if (reference.equals(Project.DEFAULT) && next != PartyState.VALIDATED) {
                return Outcome.refused(Problem.conflict(reference + " is the default project, which stays"));
            }
            boolean isManager = before.kind() == Kind.PERSON
                    && assignments.of(tx, reference).isSystemManager();
            if (isManager && next != PartyState.VALIDATED && !store.hasOtherSystemManager(tx, reference)) {
                return Outcome.refused(lastSystemManager(reference));
            }
            if (before.state() != next) {
                store.setState(tx, reference, next);
                assignments.changed(tx, before.kind() == Kind.PERSON ? reference : "");
                Audit.note(tx, now, before.kind().wire() + ".state", reference, before.state(), next);
            }
            return new Outcome.Done<>(store.find(tx, reference).orElseThrow());
        }));
    }

    static Problem lastSystemManager(String person) {
        return Problem.conflict(person + " is the last system manager: give that function to somebody else first");
    }

    /// @param self reference of the party that has these details already; empty = a new one
    private Optional<Problem> faultOf(
            Transaction tx, Kind kind, String title, Map<Detail, String> details, String self) {
        var fault = Texts.faultOfTitle(title);
        for (var entry : details.entrySet()) {
            var detail = entry.getKey();
            var text = entry.getValue();
            fault = fault.or(() -> detail.kind() == kind
                            ? Optional.empty()
                            : Optional.of(Problem.invalid("A " + kind.wire() + " has no '" + detail.wire() + "'")))
                    .or(() -> Texts.faultOf(detail, text))
                    .or(() -> faultOfReference(tx, detail, text));
        }
        var email = details.getOrDefault(Detail.EMAIL, "");
        return fault.or(() -> email.isEmpty() ? Optional.empty() : takenEmail(tx, email, self));
    }

    private Optional<Problem> takenEmail(Transaction tx, String email, String self) {
        store.serializeEmail(tx, email);
        return store.personOfEmail(tx, email)
                .filter(other -> !other.reference().equals(self))
                .map(_ -> Problem.conflict("The e-mail address " + email + " belongs to somebody else already"));
    }

    /// What names another party names one that is there, of the right kind and validated.
    private Optional<Problem> faultOfReference(Transaction tx, Detail detail, String text) {
        var kind = switch (detail) {
            case EMPLOYER, PAYER -> Kind.ORGANISATION;
            case OWNER -> Kind.PERSON;
            case PROJECT -> Kind.PROJECT;
            default -> null;
        };
        if (kind == null || (text.isEmpty() && detail != Detail.OWNER)) {
            return Optional.empty();
        }
        return store.find(tx, text)
                        .filter(party -> party.kind() == kind && party.state() == PartyState.VALIDATED)
                        .isPresent()
                ? Optional.empty()
                : Optional.of(Problem.invalid(
                        "'" + detail.wire() + "' is '" + text + "', which is no validated " + kind.wire()));
    }
}
