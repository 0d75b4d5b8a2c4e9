package org.slapos.master.computer;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerId;

/// Writes `computer`, `computer_partition` and `partition_address`.
final class ComputerStore {
    ComputerId create(Transaction tx, String title, String owner, String project, Instant now) {
        return new ComputerId(tx.handle()
                .createQuery("""
                        insert into computer (id, reference, title, owner, project, created_at)
                        select n, 'COMP-' || n, :title, :owner, :project, :now from nextval('computer_number') n
                        returning reference""")
                .bind("title", title)
                .bind("owner", owner)
                .bind("project", project)
                .bind("now", now)
                .mapTo(String.class)
                .one());
    }

    /// @return whether it was in another network, or in none
    boolean join(Transaction tx, long computer, Optional<String> network) {
        return tx.handle()
                        .createUpdate("""
                        update computer set network = cast(:network as text)
                        where id = :id and network is distinct from cast(:network as text)""")
                        .bind("id", computer)
                        .bind("network", network.orElse(null))
                        .execute()
                == 1;
    }

    /// What the Computer says of itself as a whole; none of it is shown to its node again.
    void describe(Transaction tx, long computer, ComputerConfiguration wanted) {
        tx.handle()
                .createUpdate("""
                        update computer set address = :address, netmask = :netmask, os_type = :os, version = :version
                        where id = :id and (address, netmask, os_type, version)
                            is distinct from (:address, :netmask, :os, :version)""")
                .bind("id", computer)
                .bind("address", wanted.address())
                .bind("netmask", wanted.netmask())
                .bind("os", wanted.facts().getOrDefault("os_type", ""))
                .bind("version", wanted.facts().getOrDefault("slapos_version", ""))
                .execute();
    }

    /// Its node has just said what it has: it was heard of.
    void formatted(Transaction tx, long computer, Instant now) {
        tx.handle()
                .createUpdate(
                        "update computer set formatted_at = :now, market_xid = pg_current_xact_id() where id = :id")
                .bind("id", computer)
                .bind("now", now)
                .execute();
    }

    long createPartition(Transaction tx, long computer, int position, FormattedPartition wanted) {
        return tx.handle()
                .createQuery("""
                        insert into computer_partition
                            (computer_id, reference, position, state, user_name, path, capabilities)
                        values (:computer, :reference, :position, 'free', :user, :path, string_to_array(:capabilities, E'\\n'))
                        returning id""")
                .bind("computer", computer)
                .bind("reference", wanted.reference().text())
                .bind("position", position)
                .bind("user", wanted.user().orElse(""))
                .bind("path", wanted.path().orElse(""))
                .bind("capabilities", String.join("\n", wanted.capabilities().orElse(List.of())))
                .mapTo(Long.class)
                .one();
    }

    /// An inactive partition becomes free again.
    void updatePartition(Transaction tx, long partition, int position, FormattedPartition wanted) {
        tx.handle()
                .createUpdate("""
                        update computer_partition
                        set position = :position, listed = true, user_name = :user, path = :path,
                            capabilities = string_to_array(:capabilities, E'\\n'),
                            state = case state when 'inactive' then 'free' else state end
                        where id = :id""")
                .bind("id", partition)
                .bind("position", position)
                .bind("user", wanted.user().orElse(""))
                .bind("path", wanted.path().orElse(""))
                .bind("capabilities", String.join("\n", wanted.capabilities().orElse(List.of())))
                .execute();
    }

    /// The last format does not name it: a free one becomes inactive, a busy one stays.
    void dropPartition(Transaction tx, long partition) {
        tx.handle().createUpdate("""
                        update computer_partition
                        set listed = false, state = case state when 'free' then 'inactive' else state end
                        where id = :id""").bind("id", partition).execute();
    }

    void replaceAddresses(Transaction tx, long partition, List<ComputerPartition.Address> addresses) {
        tx.handle()
                .createUpdate("delete from partition_address where partition_id = :id")
                .bind("id", partition)
                .execute();
        if (addresses.isEmpty()) {
            return;
        }
        var batch = tx.handle().prepareBatch("""
                insert into partition_address
                    (partition_id, position, interface, address, netmask, gateway, network)
                values (:id, :position, :interface, :address, :netmask, :gateway, :network)""");
        int position = 0;
        for (var address : addresses) {
            batch.bind("id", partition)
                    .bind("position", position++)
                    .bind("interface", address.networkInterface())
                    .bind("address", address.address())
                    .bind("netmask", address.netmask())
                    .bind("gateway", address.gateway())
                    .bind("network", address.network())
                    .add();
        }
        batch.execute();
    }
}
