package org.slapos.master.allocation;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.audit.Audit;
import org.slapos.master.computer.Computers;
import org.slapos.master.db.Database;
import org.slapos.master.db.Transaction;
import org.slapos.master.party.Assignments;
import org.slapos.master.software.SupplySoftware;
import org.slapos.protocol.ComputerId;

/// Allows a SoftwareRelease on a Computer for a type or for a customer, at a price of its own, or takes that back. What
/// runs there goes on. The same again changes nothing.
public final class ChangeSupply {
    private static final int MAX_WORD = 200;

    private final Database database;
    private final InstantSource clock;
    private final Assignments people;
    private final SupplySoftware software;
    private final Computers computers = new Computers();
    private final PriceStore prices = new PriceStore();

    public ChangeSupply(Database database, InstantSource clock, Assignments people, SupplySoftware software) {
        this.database = database;
        this.clock = clock;
        this.people = people;
        this.software = software;
    }

    /// @param type     nothing = each
    /// @param customer reference of a person; nothing = everybody
    /// @param price    nothing = what the Computer costs otherwise
    /// @param from     nothing = now
    public record Supply(
            ComputerId computer,
            String release,
            Optional<String> type,
            Optional<String> customer,
            Optional<Price> price,
            Optional<Instant> from) {
        private Supply of(String address) {
            return new Supply(computer, address, type, customer, price, from);
        }
    }

    public Optional<Problem> allow(Supply said) {
        var now = clock.instant();
        var from = said.from().orElse(now);
        if (from.isBefore(now)) {
            return Optional.of(Problem.invalid("A supply cannot begin in the past, at " + from));
        }
        if (said.type()
                .filter(type -> type.isBlank() || type.length() > MAX_WORD)
                .isPresent()) {
            return Optional.of(Problem.invalid("A software type has 1 to " + MAX_WORD + " characters"));
        }
        return database.inTransaction(tx -> {
            if (said.customer().isPresent()
                    && people.of(tx, said.customer().get()).state().isEmpty()) {
                return Optional.of(
                        Problem.notFound("There is no person " + said.customer().get()));
            }
            var supply = said.of(software.address(tx, said.release(), now));
            var problem = software.supply(tx, supply.computer(), supply.release(), terms(supply, from), now);
            if (problem.isEmpty()
                    && supply.price().isPresent()
                    && prices.set(tx, target(tx, supply), supply.price(), from, now)) {
                note(tx, supply, supply.price().orElseThrow() + " from " + from, now);
                software.repriced(tx, supply.computer(), from);
            }
            return problem;
        });
    }

    public Optional<Problem> forbid(Supply said) {
        var now = clock.instant();
        return database.inTransaction(tx -> {
            var supply = said.of(software.address(tx, said.release(), now));
            var problem = software.forbid(tx, supply.computer(), supply.release(), terms(supply, now), now);
            if (problem.isEmpty() && prices.product(tx, supply.release()).isPresent()) {
                if (prices.set(tx, target(tx, supply), Optional.empty(), now, now)) {
                    note(tx, supply, "as the Computer's", now);
                }
                software.repriced(tx, supply.computer(), now);
            }
            return problem;
        });
    }

    private static void note(Transaction tx, Supply supply, String price, Instant now) {
        Audit.note(
                tx,
                now,
                "software.price",
                supply.computer().text(),
                supply.release() + terms(supply, now).text() + ": " + price);
    }

    private PriceStore.Target target(Transaction tx, Supply supply) {
        return new PriceStore.Target(
                computers.find(tx, supply.computer()).orElseThrow().id(),
                prices.product(tx, supply.release()),
                supply.type(),
                supply.customer());
    }

    private static SupplySoftware.Terms terms(Supply supply, Instant from) {
        return new SupplySoftware.Terms(supply.type(), supply.customer(), from);
    }
}
