package org.slapos.master.software;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.db.Transaction;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.NearestWord;

/// Names that stand for a SoftwareRelease: an alias such as `KVM`, or the title of a product. They mean the newest
/// release that is effective; upper and lower case are the same. Inside a transaction; any thread.
public final class SoftwareAliases {
    private static final int KNOWN_AT_MOST = 1000;

    /// What a word for a SoftwareRelease stands for.
    public sealed interface Meaning {
        /// It is an address itself.
        record Address() implements Meaning {}

        /// @param url  of the newest release that is effective
        /// @param type nothing = the one that is asked for
        record Release(long product, String url, Optional<String> type) implements Meaning {
            /// The request with it in place of the word.
            public InstanceRequest in(InstanceRequest wanted) {
                return new InstanceRequest(
                        url,
                        type.orElse(wanted.softwareType()),
                        wanted.reference(),
                        wanted.shared(),
                        wanted.parameters(),
                        wanted.filter(),
                        wanted.state(),
                        wanted.from(),
                        wanted.project());
            }
        }

        record Unknown(Problem problem) implements Meaning {}
    }

    /// @param word what has a slash or a colon is an address
    public Meaning meaning(Transaction tx, String word, Instant now) {
        if (word.contains("/") || word.contains(":")) {
            return new Meaning.Address();
        }
        var found = tx.handle()
                .createQuery("""
                        select p.id, p.title, a.software_type, (
                            select r.url from software_release r
                            where r.product_id = p.id and coalesce(r.effective_at, r.created_at) <= :now
                            order by coalesce(r.effective_at, r.created_at) desc, r.id desc limit 1) as url
                        from software_product p
                        left join software_alias a on a.product_id = p.id and a.name = :name
                        where a.name is not null or lower(p.title) = :name
                        order by a.name is null, p.id limit 1""")
                .bind("name", word.toLowerCase(Locale.ROOT))
                .bind("now", now)
                .map((row, _) -> Optional.ofNullable(row.getString("url"))
                        .<Meaning>map(url -> {
                            try {
                                return new Meaning.Release(
                                        row.getLong("id"), url, Optional.ofNullable(row.getString("software_type")));
                            } catch (java.sql.SQLException e) {
                                throw new IllegalStateException(e);
                            }
                        })
                        .orElseGet(() -> new Meaning.Unknown(
                                Problem.conflict("No SoftwareRelease of '" + word + "' is effective yet"))))
                .findOne();
        return found.orElseGet(() -> new Meaning.Unknown(unknown(tx, word)));
    }

    private static Problem unknown(Transaction tx, String word) {
        List<String> known = tx.handle()
                .createQuery("select name from software_alias union select title from software_product limit :most")
                .bind("most", KNOWN_AT_MOST)
                .mapTo(String.class)
                .list();
        return Problem.invalid("'" + word + "' is neither the address of a SoftwareRelease nor an alias of one"
                + (known.isEmpty() ? "" : "; did you mean '" + NearestWord.of(word, known) + "'?"));
    }

    /// Whether that address is a release of the product.
    public boolean isOf(Transaction tx, long product, String url) {
        return tx.handle()
                .createQuery("select exists (select from software_release where url = :url and product_id = :product)")
                .bind("url", url)
                .bind("product", product)
                .mapTo(Boolean.class)
                .one();
    }
}
