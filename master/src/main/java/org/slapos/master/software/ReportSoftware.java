package org.slapos.master.software;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.Computers;
import org.slapos.master.computer.Retirement;
import org.slapos.master.computer.Revisions;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.SoftwareState;

/// Takes what a node reports of software (SLAP protocol, software release reports).
public final class ReportSoftware {
    /// Characters of a failed build's output that are kept, from its end: 1 MiB.
    private static final int MAX_LOG = 1024 * 1024;

    private static final int MAX_PROGRESS = 200;

    private final Database database;
    private final InstantSource clock;
    private final Revisions revisions;
    private final Computers computers = new Computers();
    private final SoftwareInstallations installations = new SoftwareInstallations();
    private final SoftwareStore store = new SoftwareStore();

    public ReportSoftware(Database database, InstantSource clock, Revisions revisions) {
        this.database = database;
        this.clock = clock;
        this.revisions = revisions;
    }

    /// @param progress what the build said last; empty = it begins
    public Optional<Problem> building(ComputerId computer, String url, String progress) {
        var line = progress.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
        var text = "#building software release " + url
                + (line.isEmpty() ? "" : ": " + line.substring(0, Math.min(line.length(), MAX_PROGRESS)));
        return status(computer, url, text, "building", "");
    }

    public Optional<Problem> available(ComputerId computer, String url) {
        return status(computer, url, "#access software release " + url + " available", "available", "");
    }

    /// @param log the whole output of the build; its last mebibyte of characters is kept
    public Optional<Problem> failed(ComputerId computer, String url, String log) {
        var readable = log.replace('\0', '?');
        var kept = readable.length() > MAX_LOG ? readable.substring(readable.length() - MAX_LOG) : readable;
        return status(computer, url, "#error while installing " + url, "", kept);
    }

    /// The node has removed it: accepted only when that was asked for.
    public Optional<Problem> destroyed(ComputerId computer, String url) {
        var now = clock.instant();
        return database.inTransaction(tx -> switch (find(tx, computer, url)) {
            case Found.Missing(var problem) -> Optional.of(problem);
            case Found.On(var _, var installation)
            when installation.requested() != SoftwareState.DESTROYED ->
                Optional.of(Problem.notFound("The removal of " + url + " from " + computer + " was not asked for"));
            case Found.On(var id, var installation) -> {
                store.end(tx, installation.id(), now);
                Audit.note(tx, now, "software.removed", computer.text(), url);
                Retirement.considered(tx, id, now);
                revisions.bump(tx, new TreeSet<>(List.of(id)));
                yield Optional.empty();
            }
        });
    }

    private Optional<Problem> status(ComputerId computer, String url, String text, String state, String log) {
        var now = clock.instant();
        return database.inTransaction(tx -> switch (find(tx, computer, url)) {
            case Found.Missing(var problem) -> Optional.of(problem);
            case Found.On(var _, var installation) -> {
                var next = installation.status().next(text, Optional.of(state).filter(s -> !s.isEmpty()), now);
                // A new attempt does not wipe out why the last one failed: only success does.
                var errorLog = state.equals("building") ? installation.errorLog() : log;
                if (!next.repeats(installation.status()) || !errorLog.equals(installation.errorLog())) {
                    store.report(tx, installation.id(), next, errorLog);
                }
                yield Optional.empty();
            }
        });
    }

    private sealed interface Found {
        record On(long computer, SoftwareInstallation installation) implements Found {}

        record Missing(Problem problem) implements Found {}
    }

    private Found find(Transaction tx, ComputerId reference, String url) {
        var computer = computers.find(tx, reference);
        if (computer.isEmpty()) {
            return new Found.Missing(Problem.notFound("No Computer " + reference));
        }
        return installations
                .lock(tx, computer.get().id(), url)
                .<Found>map(found -> new Found.On(computer.get().id(), found))
                .orElseGet(() -> new Found.Missing(Problem.notFound(url + " is not supplied on " + reference)));
    }
}
