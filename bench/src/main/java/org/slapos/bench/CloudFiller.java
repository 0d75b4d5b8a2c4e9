package org.slapos.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;

/// Writes Computers straight into the Master's database, since a hundred thousand partitions by the wire would take the
/// day: of ten kinds and prices, half full, all offering one SoftwareRelease.
final class CloudFiller implements AutoCloseable {
    private final Connection database;

    private CloudFiller(Connection database) {
        this.database = database;
    }

    /// @param data the Master's folder, with its embedded PostgreSQL inside
    static CloudFiller of(Path data) throws IOException, SQLException {
        var password = find(data, "postgres-password");
        var port = Files.readAllLines(find(data, "postmaster.pid")).get(3).strip();
        return new CloudFiller(DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/slapos",
                "slapos",
                Files.readString(password).strip()));
    }

    private static Path find(Path folder, String name) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(file -> file.endsWith(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("there is no " + name + " below " + folder));
        }
    }

    /// @param release URL of a SoftwareRelease that is known
    void fill(int computers, int partitions, String release) throws SQLException {
        run("""
                with made as (
                    insert into computer (id, reference, title, owner, created_at, contacted_at)
                    select n, 'COMP-' || n, 'filled ' || n, 'PERSON-1', now(), now() + interval '1 day'
                    from (select nextval('computer_number') as n from generate_series(1, %d)) as numbers
                    returning id),
                supplied as (
                    insert into allocation_supply (release_id, computer_id, created_at)
                    select r.id, made.id, now() from made, software_release r where r.url = '%s'),
                priced as (
                    insert into price (computer_id, amount, scale, currency, period, valid_from, created_at)
                    select id, 500 + 50 * (id %% 5), 2, 'EUR', 'month', now(), now() from made)
                insert into computer_characteristic (computer_id, source, name, value)
                select id, 'operator', 'region', case id %% 2 when 0 then 'europe/west/france' else 'europe/west/germany' end
                from made union all select id, 'operator', 'memory', '64GB' from made""".formatted(computers, release));
        run("""
                insert into computer_partition (computer_id, reference, position, state, user_name, path)
                select c.id, 'slappart' || n, n, case when n %% 2 = 0 then 'busy' else 'free' end, 'slapuser' || n,
                    '/srv/slapgrid/slappart' || n
                from computer c, generate_series(0, %d) n where c.title like 'filled %%'""".formatted(partitions - 1));
        run("""
                insert into partition_address (partition_id, position, interface, address, netmask)
                select p.id, 0, 'slaptap', '10.0.0.2', '255.255.255.255' from computer_partition p
                join computer c on c.id = p.computer_id where c.title like 'filled %'""");
        run("update computer set market_xid = pg_current_xact_id(), offer_xid = pg_current_xact_id()");
        analyze();
        run("checkpoint");
    }

    /// As PostgreSQL does by itself within a minute or two: it learns that tables have grown, and plans anew.
    void analyze() throws SQLException {
        run("analyze");
    }

    /// How many instances have no place yet.
    int waiting() throws SQLException {
        try (var asking = database.createStatement();
                var answer = asking.executeQuery(
                        "select count(*) from instance where partition_id is null and ended_at is null")) {
            answer.next();
            return answer.getInt(1);
        }
    }

    /// How long one small durable commit takes, half of the times: what any Master has to wait for.
    Duration commit(int times) throws SQLException {
        run("create table if not exists bench_commit (n int)");
        var taken = new long[times];
        for (int i = 0; i < times; i++) {
            long begin = System.nanoTime();
            run("insert into bench_commit values (1)");
            taken[i] = System.nanoTime() - begin;
        }
        Arrays.sort(taken);
        return Duration.ofNanos(taken[times / 2]);
    }

    private void run(String statement) throws SQLException {
        try (var running = database.createStatement()) {
            running.execute(statement);
        }
    }

    @Override
    public void close() throws SQLException {
        database.close();
    }
}
