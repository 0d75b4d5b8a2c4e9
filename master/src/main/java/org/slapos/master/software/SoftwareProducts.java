package org.slapos.master.software;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slapos.master.db.Transaction;

/// Products and their SoftwareReleases. Inside a transaction.
final class SoftwareProducts {
    private static final int AT_MOST = 1000;
    private static final Pattern FOLDER = Pattern.compile("([^/]+)/[^/]*$");

    /// The title of the product of which that is a release: the folder of its profile, `mariadb` for
    /// `https://soft.example/software/mariadb/software.cfg`; the address itself when it has none.
    static String titleOf(String url) {
        var path = url.replaceFirst("[?#].*$", "").replaceFirst("^[A-Za-z][A-Za-z0-9+.-]*://[^/]*", "");
        var folder = FOLDER.matcher(path);
        return folder.find() ? folder.group(1) : url;
    }

    /// The addresses of a product's releases that may be allocated somewhere, newest effective first, those to come
    /// last; none when there is no such product.
    List<String> releases(Transaction tx, String title, Instant now) {
        return tx.handle()
                .createQuery("""
                        select r.url from software_release r
                        join software_product p on p.id = r.product_id
                        where p.title = :title and exists (
                            select from allocation_supply s where s.release_id = r.id and s.ended_at is null)
                        order by coalesce(r.effective_at, r.created_at) > :now, coalesce(r.effective_at, r.created_at) desc,
                            r.id desc limit :most""")
                .bind("now", now)
                .bind("title", title)
                .bind("most", AT_MOST)
                .mapTo(String.class)
                .list();
    }

    /// The title of the product of that release.
    Optional<String> of(Transaction tx, String url) {
        return tx.handle().createQuery("""
                        select p.title from software_product p
                        join software_release r on r.product_id = p.id where r.url = :url""").bind("url", url).mapTo(String.class).findOne();
    }
}
