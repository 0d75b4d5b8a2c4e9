package org.slapos.master.software;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.CapacityWatch;
import org.slapos.master.computer.ChangeComputer;
import org.slapos.master.computer.Computers;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.SoftwareState;

/// Wants a SoftwareRelease on a Computer, or gone from it; the same again changes nothing (SLAP protocol,
/// supplySupply). This also says that instances of it may be allocated there.
public final class SupplySoftware {
    private static final int MAX_URL = 2000;

    private final Database database;
    private final InstantSource clock;
    private final Revisions revisions;
    private final CapacityWatch capacity;
    private final SoftwareAliases aliases = new SoftwareAliases();
    private final Computers computers = new Computers();
    private final ChangeComputer offers = new ChangeComputer();
    private final SoftwareInstallations installations = new SoftwareInstallations();
    private final SoftwareStore store = new SoftwareStore();
    private final SoftwareUse use = new SoftwareUse();

    public SupplySoftware(Database database, InstantSource clock, Revisions revisions, CapacityWatch capacity) {
        this.database = database;
        this.clock = clock;
        this.revisions = revisions;
        this.capacity = capacity;
    }

    /// For what and whom it may be allocated.
    ///
    /// @param type     nothing = each
    /// @param customer reference of a person; nothing = everybody
    /// @param from     when that begins
    public record Terms(Optional<String> type, Optional<String> customer, Instant from) {
        /// ` for type X for PERSON-n`, or nothing.
        public String text() {
            return type.map(name -> " for type " + name).orElse("")
                    + customer.map(name -> " for " + name).orElse("");
        }

        static Terms all(Instant now) {
            return new Terms(Optional.empty(), Optional.empty(), now);
        }
    }

    /// Nothing, or why not.
    public Optional<Problem> supply(ComputerId reference, String url, SoftwareState wanted) {
        var now = clock.instant();
        return database.inTransaction(tx -> switch (wanted) {
            case AVAILABLE -> supply(tx, reference, address(tx, url, now), Terms.all(now), now);
            case DESTROYED -> remove(tx, reference, address(tx, url, now), now);
        });
    }

    /// Wants it there, and allows what the terms say.
    public Optional<Problem> supply(Transaction tx, ComputerId reference, String url, Terms terms, Instant now) {
        return change(tx, reference, url, computer -> {
            boolean isNew = available(tx, computer, url, now);
            boolean isAllowed = store.allow(tx, computer, url, terms, now);
            if (isNew || isAllowed) {
                Audit.note(tx, now, "software.supply", reference.text(), url + " available" + terms.text());
            }
            if (isNew) {
                revisions.bump(tx, new TreeSet<>(List.of(computer)));
            }
            return isAllowed ? Optional.of(terms.from()) : Optional.empty();
        });
    }

    /// Takes back just those terms: what runs there goes on, and the software stays.
    public Optional<Problem> forbid(Transaction tx, ComputerId reference, String url, Terms terms, Instant now) {
        return change(tx, reference, url, computer -> {
            if (store.forbid(tx, computer, url, terms, now)) {
                use.forbidden(tx, computer, url, now);
                Audit.note(tx, now, "software.forbid", reference.text(), url + terms.text());
                offers.moved(tx, computer);
                capacity.supplyEnded(tx, computer, url, now);
            }
            return Optional.empty();
        });
    }

    /// The Computer is gone with all that was installed there.
    public void lose(Transaction tx, long computer, Instant now) {
        store.endAll(tx, computer, now);
    }

    /// The Computer takes nothing new any more, for ever: nothing is supplied on it.
    public void retire(Transaction tx, long computer, Instant now) {
        store.forbidAll(tx, computer, now);
        offers.moved(tx, computer);
    }

    /// What is supplied on that Computer costs something else from then on.
    public void repriced(Transaction tx, ComputerId reference, Instant from) {
        computers.find(tx, reference).ifPresent(computer -> {
            offers.moved(tx, computer.id());
            capacity.capacityGrew(tx, computer.id(), from);
        });
    }

    /// Wants it gone from there, and allows it no more.
    public Optional<Problem> remove(Transaction tx, ComputerId reference, String url, Instant now) {
        return change(tx, reference, url, computer -> {
            var known = installations.lock(tx, computer, url);
            if (known.isPresent() && known.get().requested() != SoftwareState.DESTROYED) {
                Audit.note(tx, now, "software.supply", reference.text(), url + " destroyed");
                store.request(tx, known.get().id(), SoftwareState.DESTROYED);
                store.forbidAll(tx, computer, url, now);
                offers.moved(tx, computer);
                capacity.supplyEnded(tx, computer, url, now);
                revisions.bump(tx, new TreeSet<>(List.of(computer)));
            }
            return Optional.empty();
        });
    }

    /// What is changed of one Computer's software.
    @FunctionalInterface
    private interface Work {
        /// From when on more may be placed there; nothing = not more than before.
        Optional<Instant> on(long computer);
    }

    /// The address that a word for a SoftwareRelease stands for; the word itself when it is no alias.
    public String address(Transaction tx, String word, Instant now) {
        return aliases.meaning(tx, word, now) instanceof SoftwareAliases.Meaning.Release release ? release.url() : word;
    }

    private Optional<Problem> change(Transaction tx, ComputerId reference, String url, Work work) {
        if (url.isBlank()
                || url.getBytes(StandardCharsets.UTF_8).length > MAX_URL
                || url.chars().anyMatch(Character::isISOControl)) {
            return Optional.of(Problem.invalid(
                    "The URL of a SoftwareRelease has 1 to " + MAX_URL + " bytes, none of them a control character"));
        }
        var computer = computers.find(tx, reference);
        if (computer.isEmpty()) {
            return Optional.of(Problem.notFound("No Computer " + reference));
        }
        long id = computer.get().id();
        // Two supplies of the same URL at once: the second waits and finds what the first made.
        tx.handle().execute("select pg_advisory_xact_lock(hashtextextended(?, ?))", url, id);
        work.on(id).ifPresent(from -> {
            offers.moved(tx, id);
            capacity.capacityGrew(tx, id, from);
        });
        return Optional.empty();
    }

    private boolean available(Transaction tx, long computer, String url, Instant now) {
        var known = installations.lock(tx, computer, url);
        if (known.isPresent() && known.get().requested() == SoftwareState.AVAILABLE) {
            return false;
        }
        known.ifPresent(destroyed -> store.end(tx, destroyed.id(), now));
        store.createInstallation(tx, computer, url, now);
        return true;
    }
}
