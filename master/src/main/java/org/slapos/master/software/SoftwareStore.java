package org.slapos.master.software;

import java.time.Instant;
import org.slapos.master.computer.AccessStatus;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.SoftwareState;

/// Writes `software_installation`, `software_product`, `software_release` and `allocation_supply`.
final class SoftwareStore {
    void createInstallation(Transaction tx, long computer, String url, Instant now) {
        tx.handle()
                .createUpdate("""
                        insert into software_installation (id, reference, computer_id, url, requested_state, created_at)
                        select n, 'SOFTINSTALL-' || n, :computer, :url, 'available', :now
                        from nextval('software_installation_number') n""")
                .bind("computer", computer)
                .bind("url", url)
                .bind("now", now)
                .execute();
    }

    void request(Transaction tx, long installation, SoftwareState state) {
        tx.handle()
                .createUpdate("update software_installation set requested_state = :state where id = :id")
                .bind("id", installation)
                .bind("state", state.wire())
                .execute();
    }

    void end(Transaction tx, long installation, Instant now) {
        tx.handle()
                .createUpdate("update software_installation set ended_at = :now where id = :id")
                .bind("id", installation)
                .bind("now", now)
                .execute();
    }

    void report(Transaction tx, long installation, AccessStatus status, String errorLog) {
        tx.handle()
                .createUpdate("""
                        update software_installation
                        set status_text = :text, status_state = :state, status_since = :since, reported_at = :reported,
                            error_log = :log
                        where id = :id""")
                .bind("id", installation)
                .bind("text", status.text())
                .bind("state", status.state())
                .bind("since", status.since().orElse(null))
                .bind("reported", status.reported().orElse(null))
                .bind("log", errorLog)
                .execute();
    }

    /// The product and the release of that URL, made when they are new, and the supply that allows it on the Computer;
    /// false when it was allowed before.
    boolean allow(Transaction tx, long computer, String url, SupplySoftware.Terms terms, Instant now) {
        var product = SoftwareProducts.titleOf(url);
        tx.handle().createUpdate("""
                        insert into software_product (title, created_at) values (:title, :now)
                        on conflict (title) do nothing""").bind("title", product).bind("now", now).execute();
        tx.handle()
                .createUpdate("""
                        insert into software_release (product_id, url, created_at)
                        select id, :url, :now from software_product where title = :title
                        on conflict (url) do nothing""")
                .bind("title", product)
                .bind("url", url)
                .bind("now", now)
                .execute();
        return tx.handle()
                        .createUpdate("""
                                insert into allocation_supply
                                    (release_id, computer_id, project, software_type, customer, begins_at, created_at)
                                select r.id, c.id, c.project, :type, :customer, :from, :now
                                from software_release r, computer c where r.url = :url and c.id = :computer
                                on conflict do nothing""")
                        .bind("computer", computer)
                        .bind("url", url)
                        .bind("type", terms.type().orElse(null))
                        .bind("customer", terms.customer().orElse(null))
                        .bind("from", terms.from())
                        .bind("now", now)
                        .execute()
                > 0;
    }

    /// Whether there was such a supply.
    boolean forbid(Transaction tx, long computer, String url, SupplySoftware.Terms terms, Instant now) {
        return tx.handle()
                        .createUpdate("""
                                update allocation_supply set ended_at = :now
                                where computer_id = :computer and ended_at is null
                                    and release_id = (select id from software_release where url = :url)
                                    and software_type is not distinct from :type
                                    and customer is not distinct from :customer""")
                        .bind("computer", computer)
                        .bind("url", url)
                        .bind("type", terms.type().orElse(null))
                        .bind("customer", terms.customer().orElse(null))
                        .bind("now", now)
                        .execute()
                > 0;
    }

    void endAll(Transaction tx, long computer, Instant now) {
        tx.handle()
                .createUpdate("update software_installation set ended_at = :now"
                        + " where computer_id = :computer and ended_at is null")
                .bind("computer", computer)
                .bind("now", now)
                .execute();
    }

    void forbidAll(Transaction tx, long computer, Instant now) {
        tx.handle()
                .createUpdate("update allocation_supply set ended_at = :now"
                        + " where computer_id = :computer and ended_at is null")
                .bind("computer", computer)
                .bind("now", now)
                .execute();
    }

    void forbidAll(Transaction tx, long computer, String url, Instant now) {
        tx.handle()
                .createUpdate("""
                        update allocation_supply set ended_at = :now
                        where computer_id = :computer and ended_at is null
                            and release_id = (select id from software_release where url = :url)""")
                .bind("computer", computer)
                .bind("url", url)
                .bind("now", now)
                .execute();
    }
}
