package org.slapos.master.instance;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.TreeSet;
import org.slapos.master.Problem;
import org.slapos.master.allocation.Market;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.Computers;
import org.slapos.master.computer.Contacts;
import org.slapos.master.computer.Partitions;
import org.slapos.master.computer.Retirement;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.software.SupplySoftware;
import org.slapos.protocol.ComputerId;

/// Takes an operator's word that a Computer is gone with all that was on it, as if its node had confirmed every
/// destruction: what was to be destroyed there has ended, what is still wanted looks for another place. Accepted of a
/// closed Computer that was silent for a day, so that nobody empties one that only hides.
public final class LoseComputer {
    private static final Duration SILENCE = Duration.ofDays(1);

    private final Database database;
    private final InstantSource clock;
    private final Revisions revisions;
    private final CertificateAuthority authority;
    private final Contacts contacts;
    private final Market market;
    private final ReportInstance reports;
    private final SupplySoftware software;
    private final PlaceWaiting waiting;
    private final Computers computers = new Computers();
    private final Partitions partitions = new Partitions();
    private final InstanceStore instances = new InstanceStore();

    public LoseComputer(
            Database database,
            InstantSource clock,
            Revisions revisions,
            CertificateAuthority authority,
            Contacts contacts,
            Market market,
            ReportInstance reports,
            SupplySoftware software,
            PlaceWaiting waiting) {
        this.database = database;
        this.clock = clock;
        this.revisions = revisions;
        this.authority = authority;
        this.contacts = contacts;
        this.market = market;
        this.reports = reports;
        this.software = software;
        this.waiting = waiting;
    }

    /// Nothing, or why not.
    public Optional<Problem> lose(ComputerId reference) {
        var now = clock.instant();
        contacts.write();
        return database.inTransaction(tx -> {
            var found = computers.find(tx, reference);
            if (found.isEmpty()) {
                return Optional.of(Problem.notFound("No Computer " + reference));
            }
            market.refresh(tx, now);
            long computer = found.get().id();
            var state = Retirement.stateOf(tx, computer);
            if (!state.isClosed()) {
                return Optional.of(Problem.conflict(reference + " is open: close it first, by slapos computer set "
                        + reference + " scope=close/forever, or close/maintenance when it shall come back"));
            }
            if (state.heard().plus(SILENCE).isAfter(now) || !market.isSilent(reference, now)) {
                return Optional.of(Problem.conflict(reference + " was heard of at " + state.heard()
                        + ": it counts as gone after a day of silence. Switch its node off and ask again"));
            }
            empty(tx, reference, computer, now);
            return Optional.empty();
        });
    }

    private void empty(Transaction tx, ComputerId reference, long computer, Instant now) {
        var change = new Change(tx, now, revisions, authority);
        for (var instance : instances.onComputer(tx, computer)) {
            reports.endHosting(tx, instance, now);
            if (instance.isDestroyed()) {
                change.end(instance);
            } else {
                change.evict(instance, "Its Computer " + reference + " is gone: it waits for another place");
            }
        }
        change.settle();
        partitions.dropAll(tx, computer);
        software.lose(tx, computer, now);
        Audit.note(tx, now, "computer.lost", reference.text(), "all that was on it is gone");
        Retirement.considered(tx, computer, now);
        waiting.wakeAll(tx, now);
        var touched = new TreeSet<Long>();
        touched.add(computer);
        change.show(touched);
        change.finish();
    }
}
