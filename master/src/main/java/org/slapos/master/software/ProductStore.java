package org.slapos.master.software;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slapos.master.db.Transaction;

/// Writes what is said of a product: `software_alias`, `software_type` and from when on a release is effective.
final class ProductStore {
    record Product(long id, String project) {}

    Optional<Product> find(Transaction tx, String title) {
        return tx.handle()
                .createQuery("select id, project from software_product where title = :title")
                .bind("title", title)
                .map((row, _) -> new Product(row.getLong(1), row.getString(2)))
                .findOne();
    }

    /// On a Computer of the product's project.
    boolean isSupplier(Transaction tx, Product product, String person) {
        return tx.handle()
                .createQuery("""
                        select exists (select from allocation_supply s join software_release r on r.id = s.release_id
                            join computer c on c.id = s.computer_id
                            where s.ended_at is null and r.product_id = :product
                                and c.owner = :person and c.project = :project)""")
                .bind("product", product.id())
                .bind("project", product.project())
                .bind("person", person)
                .mapTo(Boolean.class)
                .one();
    }

    /// The numbers of the Computers where it is supplied.
    List<Long> computers(Transaction tx, long product) {
        return tx.handle()
                .createQuery("""
                        select distinct s.computer_id from allocation_supply s
                        join software_release r on r.id = s.release_id
                        where s.ended_at is null and r.product_id = :product order by 1""")
                .bind("product", product)
                .mapTo(Long.class)
                .list();
    }

    boolean effective(Transaction tx, long product, String url, Instant from) {
        return tx.handle()
                        .createUpdate(
                                "update software_release set effective_at = :from where product_id = :product and url = :url")
                        .bind("product", product)
                        .bind("url", url)
                        .bind("from", from)
                        .execute()
                > 0;
    }

    /// All that is said of it, for the audit trail.
    String said(Transaction tx, long product) {
        return tx.handle()
                .createQuery("""
                        select concat_ws(', ',
                            (select string_agg('alias ' || name || coalesce(' of ' || software_type, ''), ', ' order by name)
                                from software_alias where product_id = :product),
                            (select string_agg('weight of ' || name || ' ' || weight, ', ' order by name)
                                from software_type where product_id = :product),
                            (select string_agg(url || ' from ' || effective_at, ', ' order by url)
                                from software_release where product_id = :product and effective_at is not null))""")
                .bind("product", product)
                .mapTo(String.class)
                .one();
    }

    /// False when it stands for another product.
    boolean alias(Transaction tx, String name, long product, Optional<String> type) {
        return tx.handle()
                        .createUpdate("""
                                insert into software_alias (name, product_id, software_type) values (:name, :product, :type)
                                on conflict (name) do update set software_type = excluded.software_type
                                    where software_alias.product_id = excluded.product_id""")
                        .bind("name", name)
                        .bind("product", product)
                        .bind("type", type.orElse(null))
                        .execute()
                > 0;
    }

    void weight(Transaction tx, long product, String type, int weight) {
        tx.handle()
                .createUpdate("""
                        insert into software_type (product_id, name, weight) values (:product, :name, :weight)
                        on conflict (product_id, name) do update set weight = excluded.weight""")
                .bind("product", product)
                .bind("name", type)
                .bind("weight", weight)
                .execute();
    }
}
