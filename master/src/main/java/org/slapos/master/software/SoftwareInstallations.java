package org.slapos.master.software;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slapos.master.computer.AccessStatus;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.SoftwareState;

/// Finds valid SoftwareInstallations: those wanted, and those whose removal is not confirmed yet. Inside a transaction.
public final class SoftwareInstallations {
    private static final String COLUMNS =
            "id, reference, url, requested_state, status_text, status_state, status_since, reported_at, error_log";

    /// In order of creation; error logs are left out.
    public List<SoftwareInstallation> on(Transaction tx, long computer) {
        return tx.handle()
                .createQuery("select " + COLUMNS.replace("error_log", "'' as error_log")
                        + " from software_installation where computer_id = :computer and ended_at is null order by id")
                .bind("computer", computer)
                .map((row, _) -> installation(row))
                .list();
    }

    /// Those on the Computers of a person, or on one of them, in order of creation; error logs are left out.
    List<FindSoftware.Listed> ownedBy(Transaction tx, String person, Optional<ComputerId> computer, int most) {
        return tx.handle()
                .createQuery("select " + COLUMNS.replace("error_log", "'' as error_log") + """
                        , (select reference from computer where id = computer_id) as computer
                        from software_installation
                        where ended_at is null and computer_id in (
                            select id from computer where owner = :owner and (:computer = '' or reference = :computer))
                        order by id limit :most""")
                .bind("owner", person)
                .bind("computer", computer.map(ComputerId::text).orElse(""))
                .bind("most", most)
                .map((row, _) -> new FindSoftware.Listed(new ComputerId(row.getString("computer")), installation(row)))
                .list();
    }

    public Optional<SoftwareInstallation> find(Transaction tx, long computer, String url) {
        return find(tx, computer, url, "");
    }

    /// As [#find], and keeps everybody else from changing it until the end of the transaction.
    Optional<SoftwareInstallation> lock(Transaction tx, long computer, String url) {
        return find(tx, computer, url, " for update");
    }

    private static Optional<SoftwareInstallation> find(Transaction tx, long computer, String url, String locking) {
        return tx.handle()
                .createQuery("select " + COLUMNS
                        + " from software_installation where computer_id = :computer and url = :url and ended_at is null"
                        + locking)
                .bind("computer", computer)
                .bind("url", url)
                .map((row, _) -> installation(row))
                .findOne();
    }

    private static SoftwareInstallation installation(ResultSet row) throws SQLException {
        return new SoftwareInstallation(
                row.getLong("id"),
                row.getString("reference"),
                row.getString("url"),
                SoftwareState.valueOf(row.getString("requested_state").toUpperCase(Locale.ROOT)),
                new AccessStatus(
                        row.getString("status_text"),
                        row.getString("status_state"),
                        Optional.ofNullable(row.getTimestamp("status_since")).map(Timestamp::toInstant),
                        Optional.ofNullable(row.getTimestamp("reported_at")).map(Timestamp::toInstant)),
                row.getString("error_log"));
    }
}
