package org.slapos.master.allocation;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.statement.SqlStatement;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.ComputerId;

/// The table `price`.
final class PriceStore {
    /// For whom and what a price is, most specific last to first: a customer's own comes before everybody's, a
    /// product's before one for whatever runs there, a type's before each type's.
    record Target(long computer, Optional<Long> product, Optional<String> type, Optional<String> customer) {}

    private static final String SAME = """
            computer_id = :computer and product_id is not distinct from :product
            and software_type is not distinct from :type and customer is not distinct from :customer""";

    /// Ends what was valid from then on, and begins anew; nothing = free of charge. The same again changes nothing.
    boolean set(Transaction tx, Target target, Optional<Price> price, Instant from, Instant now) {
        if (isValid(tx, target, price, from)) {
            return false;
        }
        bound(
                        tx.handle()
                                .createUpdate(
                                        "update price set valid_to = greatest(valid_from, cast(:from as timestamptz)) where "
                                                + SAME
                                                + " and (valid_to is null or valid_to > greatest(valid_from, cast(:from as timestamptz)))")
                                .bind("from", from),
                        target)
                .execute();
        price.ifPresent(next -> bound(tx.handle().createUpdate("""
                        insert into price (computer_id, product_id, software_type, customer, amount, scale, currency,
                            period, valid_from, created_at)
                        values (:computer, :product, :type, :customer, :amount, :scale, :currency, :period, :from, :now)"""), target)
                .bind("amount", next.amount())
                .bind("scale", next.scale())
                .bind("currency", next.currency())
                .bind("period", next.period().wire())
                .bind("from", from)
                .bind("now", now)
                .execute());
        return true;
    }

    /// Whether just that price holds then and for ever after.
    private static boolean isValid(Transaction tx, Target target, Optional<Price> price, Instant from) {
        List<String> after = bound(tx.handle().createQuery("""
                        select amount || ' ' || scale || ' ' || currency || ' ' || period || ' '
                            || (valid_to is null and valid_from <= :from)
                        from price where %s and valid_to is distinct from valid_from
                            and (valid_to is null or valid_to > :from)""".formatted(SAME)).bind("from", from), target)
                .mapTo(String.class)
                .list();
        return after.equals(price.map(p -> List.of(p.amount() + " " + p.scale() + " " + p.currency() + " "
                        + p.period().wire() + " true"))
                .orElse(List.of()));
    }

    /// What whatever runs on a Computer costs everybody then; nothing = it is free of charge.
    Optional<Price> current(Transaction tx, ComputerId computer, Instant now) {
        return tx.handle()
                .createQuery("""
                        select amount, scale, currency, period from price
                        where computer_id = (select id from computer where reference = :computer)
                            and product_id is null and software_type is null and customer is null
                            and valid_from <= :now and (valid_to is null or valid_to > :now)""")
                .bind("computer", computer.text())
                .bind("now", now)
                .map((row, _) -> price(row))
                .findOne();
    }

    /// The number of the product of which that is a release.
    Optional<Long> product(Transaction tx, String release) {
        return tx.handle()
                .createQuery("select product_id from software_release where url = :url")
                .bind("url", release)
                .mapTo(Long.class)
                .findOne();
    }

    static Price price(ResultSet row) throws SQLException {
        return new Price(
                row.getLong("amount"),
                row.getInt("scale"),
                row.getString("currency"),
                Price.Period.valueOf(row.getString("period").toUpperCase(Locale.ROOT)));
    }

    private static <S extends SqlStatement<S>> S bound(S statement, Target target) {
        return statement
                .bind("computer", target.computer())
                .bind("product", target.product().orElse(null))
                .bind("type", target.type().orElse(null))
                .bind("customer", target.customer().orElse(null));
    }
}
