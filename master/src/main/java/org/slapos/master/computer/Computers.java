package org.slapos.master.computer;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.PartitionId;

/// Finds Computers and their partitions, and notes their bangs. Inside a transaction; any thread.
public final class Computers {
    private static final String COLUMNS =
            "id, reference, title, owner, project, revision, contacted_at, bang_message, banged_at";

    /// For a query over a `computer_partition p` and its `computer c`: what [#place(ResultSet)] needs of a row.
    public static final String PLACE = """
            c.reference as place_computer, p.reference as place_partition, p.desired_at as place_desired_at,
                array(select array[a.interface, a.address, a.netmask, a.gateway, a.network] from partition_address a
                    where a.partition_id = p.id order by a.position) as place_addresses
            """;

    public Optional<Computer> find(Transaction tx, ComputerId reference) {
        return tx.handle()
                .createQuery("select " + COLUMNS + " from computer where reference = :reference")
                .bind("reference", reference.text())
                .map((row, _) -> computer(row))
                .findOne();
    }

    /// As [#find], and keeps everybody else from changing it until the end of the transaction.
    Optional<Computer> lock(Transaction tx, ComputerId reference) {
        return tx.handle()
                .createQuery("select " + COLUMNS + " from computer where reference = :reference for update")
                .bind("reference", reference.text())
                .map((row, _) -> computer(row))
                .findOne();
    }

    /// The Computer of a partition, by the partition's number.
    public Computer of(Transaction tx, long partition) {
        return tx.handle()
                .createQuery("select " + COLUMNS
                        + " from computer where id = (select computer_id from computer_partition where id = :id)")
                .bind("id", partition)
                .map((row, _) -> computer(row))
                .one();
    }

    /// The Computer of that owner with that title in that project, also one that has retired.
    Optional<Computer> titled(Transaction tx, String owner, String project, String title) {
        return tx.handle()
                .createQuery("select " + COLUMNS + " from computer"
                        + " where owner = :owner and project = :project and title = :title")
                .bind("owner", owner)
                .bind("project", project)
                .bind("title", title)
                .map((row, _) -> computer(row))
                .findOne();
    }

    /// The Computers of a person, in order of registration, without those that have retired.
    public List<Computer> ownedBy(Transaction tx, String owner) {
        return tx.handle()
                .createQuery(
                        "select " + COLUMNS + " from computer where owner = :owner and retired_at is null order by id")
                .bind("owner", owner)
                .map((row, _) -> computer(row))
                .list();
    }

    /// How many of its partitions are busy, and how many are free or busy.
    public Usage usage(Transaction tx, long computer) {
        return tx.handle()
                .createQuery("""
                        select count(*) filter (where state = 'busy'), count(*) from computer_partition
                        where computer_id = :computer and state <> 'inactive'""")
                .bind("computer", computer)
                .map((row, _) -> new Usage(row.getInt(1), row.getInt(2)))
                .one();
    }

    public record Usage(int busy, int total) {}

    /// Keeps what was said at a bang.
    public void bang(Transaction tx, long computer, String message, Instant now) {
        tx.handle()
                .createUpdate("update computer set bang_message = :message, banged_at = :now where id = :id")
                .bind("id", computer)
                .bind("message", message)
                .bind("now", now)
                .execute();
    }

    /// Of a partition, by its number.
    public Place place(Transaction tx, long partition) {
        return tx.handle()
                .createQuery("select " + PLACE
                        + " from computer_partition p join computer c on c.id = p.computer_id where p.id = :id")
                .bind("id", partition)
                .map((row, _) -> place(row))
                .one();
    }

    public static Place place(ResultSet row) throws SQLException {
        return new Place(
                new ComputerId(row.getString("place_computer")),
                new PartitionId(row.getString("place_partition")),
                Arrays.stream((Object[]) row.getArray("place_addresses").getArray())
                        .map(address -> address((String[]) address))
                        .toList(),
                row.getLong("place_desired_at"));
    }

    /// All partitions, inactive ones too, in the order of the node's own list.
    public List<ComputerPartition> partitions(Transaction tx, long computer) {
        var addresses = tx.handle()
                .createQuery("""
                        select partition_id, interface, address, netmask, gateway, network from partition_address
                        where partition_id in (select id from computer_partition where computer_id = :computer)
                        order by partition_id, position""")
                .bind("computer", computer)
                .map((row, _) -> Map.entry(row.getLong(1), address(row)))
                .collect(Collectors.groupingBy(
                        Map.Entry::getKey, Collectors.mapping(Map.Entry::getValue, Collectors.toList())));
        return tx.handle()
                .createQuery("""
                        select id, reference, state, listed, user_name, path, capabilities, desired_at
                        from computer_partition where computer_id = :computer order by position, id""")
                .bind("computer", computer)
                .map((row, _) -> partition(row, addresses.getOrDefault(row.getLong("id"), List.of())))
                .list();
    }

    private static Computer computer(ResultSet row) throws SQLException {
        return new Computer(
                row.getLong("id"),
                new ComputerId(row.getString("reference")),
                row.getString("title"),
                row.getString("owner"),
                row.getString("project"),
                row.getLong("revision"),
                Optional.ofNullable(row.getTimestamp("contacted_at")).map(Timestamp::toInstant),
                bang(row.getTimestamp("banged_at"), row.getString("bang_message")));
    }

    private static AccessStatus bang(@Nullable Timestamp at, String message) {
        return at == null
                ? AccessStatus.NONE
                : AccessStatus.NONE.next("#error bang: " + message, Optional.empty(), at.toInstant());
    }

    private static ComputerPartition partition(ResultSet row, List<ComputerPartition.Address> addresses)
            throws SQLException {
        return new ComputerPartition(
                row.getLong("id"),
                new PartitionId(row.getString("reference")),
                ComputerPartition.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getBoolean("listed"),
                row.getString("user_name"),
                row.getString("path"),
                List.of((String[]) row.getArray("capabilities").getArray()),
                addresses,
                row.getLong("desired_at"));
    }

    private static ComputerPartition.Address address(ResultSet row) throws SQLException {
        return new ComputerPartition.Address(
                row.getString("interface"),
                row.getString("address"),
                row.getString("netmask"),
                row.getString("gateway"),
                row.getString("network"));
    }

    private static ComputerPartition.Address address(String[] columns) {
        return new ComputerPartition.Address(columns[0], columns[1], columns[2], columns[3], columns[4]);
    }
}
