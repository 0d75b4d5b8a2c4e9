package org.slapos.master.billing;

import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.Computer;
import org.slapos.master.computer.ComputerPartition;
import org.slapos.master.computer.Computers;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.instance.FindInstances;
import org.slapos.master.ledger.Ledger;
import org.slapos.master.ledger.Transfer;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.UsageReport;

/// Keeps a Computer's usage report, and posts what it says of the instances that occupy its partitions; the same report
/// again is one report (SLAP protocol, useComputer). What it says of anything else is kept, but nobody's to pay.
public final class RecordUsage {
    private static final int MAX_TEXT = 200;
    private static final double MAX_QUANTITY = 1e18;

    /// Stands in each day's report of a Python node; -1 = it is not known.
    private static final String EMISSION = "service_module/zero_emission_ratio";

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

    private final Database database;
    private final InstantSource clock;
    private final FindInstances instances;
    private final Computers computers = new Computers();
    private final Ledger ledger = new Ledger();

    public RecordUsage(Database database, InstantSource clock, FindInstances instances) {
        this.database = database;
        this.clock = clock;
        this.instances = instances;
    }

    /// @param document TioXML
    /// @throws MalformedException when it is not valid; nothing is kept then
    public Optional<Problem> record(ComputerId reference, String document) {
        var now = clock.instant();
        var report = UsageReport.read(document.getBytes(StandardCharsets.UTF_8));
        check(report);
        return database.inTransaction(tx -> {
            var computer = computers.find(tx, reference);
            if (computer.isEmpty()) {
                return Optional.of(Problem.notFound("No Computer " + reference));
            }
            if (keep(tx, computer.get(), report, document, now)) {
                Audit.note(
                        tx,
                        now,
                        "usage.report",
                        reference.text(),
                        "'" + report.reference() + "' from " + report.start() + " to " + report.stop());
                post(tx, computer.get(), report, now);
            }
            return Optional.empty();
        });
    }

    private static void check(UsageReport report) {
        requireShort("title", report.title());
        requireShort("start_date", report.start());
        requireShort("stop_date", report.stop());
        requireShort("reference", report.reference());
        for (var movement : report.movements()) {
            requireShort("resource", movement.resource());
            requireShort("reference", movement.reference());
            boolean isUnknown = movement.quantity() == -1 && movement.resource().equals(EMISSION);
            if (!isUnknown && !(movement.quantity() >= 0 && movement.quantity() < MAX_QUANTITY)) {
                throw new MalformedException("quantity " + movement.quantity() + " of " + movement.resource()
                        + " is not between 0 and " + MAX_QUANTITY);
            }
        }
    }

    private static void requireShort(String what, String text) {
        if (text.length() > MAX_TEXT) {
            throw new MalformedException(what + " has more than " + MAX_TEXT + " characters");
        }
    }

    /// Whether it is new.
    private static boolean keep(Transaction tx, Computer computer, UsageReport report, String document, Instant now) {
        return tx.handle()
                        .createUpdate("""
                                insert into usage_report
                                    (computer_id, reference, title, started, stopped, document, received_at)
                                values (:computer, :reference, :title, :started, :stopped, :document, :now)
                                on conflict do nothing""")
                        .bind("computer", computer.id())
                        .bind("reference", report.reference())
                        .bind("title", report.title())
                        .bind("started", report.start())
                        .bind("stopped", report.stop())
                        .bind("document", document)
                        .bind("now", now)
                        .execute()
                == 1;
    }

    private void post(Transaction tx, Computer computer, UsageReport report, Instant now) {
        var tenants = tenants(tx, computer);
        var stop = instant(report.stop()).filter(at -> at.isBefore(now)).orElse(now);
        var start = instant(report.start()).filter(at -> at.isBefore(stop)).orElse(stop);
        int number = 0;
        for (var movement : report.movements()) {
            number++;
            var tenant = tenants.get(movement.reference());
            var quantity = BigDecimal.valueOf(movement.quantity());
            // Less than half a millionth would be posted as nothing, and nothing does not move.
            if (tenant != null && movement.quantity() >= 0.000_001) {
                ledger.post(
                        tx,
                        cause(computer, report, number),
                        new Transfer(
                                movement.resource(),
                                unit(movement.resource()),
                                computer.reference().text(),
                                tenant.tree().payer(start),
                                tenant.instance().reference()),
                        start,
                        stop,
                        quantity);
            }
        }
    }

    /// Who occupies a partition, by the partition's reference and by the name of its user.
    private Map<String, FindInstances.Found> tenants(Transaction tx, Computer computer) {
        var partitions = new HashMap<Long, ComputerPartition>();
        computers.partitions(tx, computer.id()).forEach(partition -> partitions.put(partition.id(), partition));
        var tenants = new HashMap<String, FindInstances.Found>();
        for (var found : instances.onComputer(tx, computer.reference())) {
            found.instance().partition().map(partitions::get).ifPresent(partition -> {
                tenants.put(partition.user(), found);
                tenants.put(partition.reference().text(), found);
            });
        }
        return tenants;
    }

    private static String unit(String resource) {
        return switch (resource.substring(resource.lastIndexOf('/') + 1)) {
            case "cpu_load_percent" -> "percent";
            case "memory_used", "disk_used" -> "MiB";
            default -> "unit";
        };
    }

    /// `YYYY-MM-DD HH:MM:SS` or `YYYY-MM-DD at HH:MM:SS`, UTC.
    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(
                    LocalDateTime.parse(text.strip().replace(" at ", " "), TIME).toInstant(ZoneOffset.UTC));
        } catch (DateTimeParseException _) {
            return Optional.empty();
        }
    }

    /// One text for each movement of each report: what a node may name freely cannot run into its neighbour.
    private static String cause(Computer computer, UsageReport report, int number) {
        return Stream.of(report.reference(), report.start(), report.stop())
                .map(text -> URLEncoder.encode(text, StandardCharsets.UTF_8))
                .collect(Collectors.joining(" ", "usage " + computer.reference() + " ", " " + number));
    }
}
