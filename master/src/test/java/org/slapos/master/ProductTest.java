package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.reason;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slapos.master.http.Answer;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.Value;

/// SoftwareReleases by their product, through the SLAP door.
class ProductTest {
    private static final String OLD = "https://soft.example/1.0/software/kvm/software.cfg";
    private static final String NEW = "https://soft.example/2.0/software/kvm/software.cfg?raw";

    private final TestTrades cloud = new TestTrades();

    @AfterEach
    void close() {
        cloud.close();
    }

    private Answer ask(Map<String, String> query) {
        return cloud.get(BOB, "getSoftwareReleaseListFromSoftwareProduct", query);
    }

    private static List<String> urls(Answer answer) {
        assertThat(answer.status()).as(reason(answer)).isEqualTo(200);
        return MarshalReader.read(answer.body()).asItems().stream()
                .map(Value::asText)
                .toList();
    }

    @Test
    void theReleasesOfAProductAreListedNewestFirst() {
        var computer = cloud.computer(ALICE, "machine", 1);
        for (var url : List.of(OLD, "https://soft.example/2.0/software/blog/software.cfg", NEW)) {
            cloud.clock.advance(Duration.ofSeconds(1));
            cloud.supply(ALICE, computer, url, SoftwareState.AVAILABLE);
        }
        assertThat(urls(ask(Map.of("software_product_reference", "kvm")))).containsExactly(NEW, OLD);
        assertThat(urls(ask(Map.of("software_release_url", OLD, "project_reference", "PROJ-9"))))
                .containsExactly(NEW, OLD);
        assertThat(urls(ask(Map.of("software_product_reference", "nothing")))).isEmpty();
        cloud.supply(ALICE, computer, NEW, SoftwareState.DESTROYED);
        assertThat(urls(ask(Map.of("software_product_reference", "kvm"))))
                .as("what can be requested")
                .containsExactly(OLD);
    }

    @Test
    void exactlyOneQuestionIsAnswered() {
        for (var query : List.of(
                Map.<String, String>of(),
                Map.of("software_product_reference", "kvm", "software_release_url", OLD),
                Map.of("software_product_reference", "None"))) {
            var answer = ask(query);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(reason(answer)).contains("exactly one of software_product_reference and software_release_url");
        }
        var unknown = ask(Map.of("software_release_url", OLD));
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(reason(unknown)).contains(OLD);
    }

    @Test
    void productsOfAnEarlierMasterAreNamedByTheSameRule() throws IOException {
        var computer = cloud.computer(ALICE, "machine", 1);
        var urls = List.of(
                OLD,
                NEW,
                "https://soft.example/software.cfg",
                "https://soft.example/a/b.cfg#c/d",
                "/opt/software/helloworld/software.cfg",
                "file:///opt/é t/software.cfg",
                "https://soft.example/a//software.cfg",
                "software.cfg");
        urls.forEach(url -> cloud.supply(ALICE, computer, url, SoftwareState.AVAILABLE));
        var expected = products();
        assertThat(expected)
                .contains(
                        "kvm " + OLD,
                        "kvm " + NEW,
                        "https://soft.example/software.cfg https://soft.example/software.cfg",
                        "helloworld /opt/software/helloworld/software.cfg",
                        "software.cfg software.cfg");
        var migration = migration();
        cloud.database.inTransaction(tx -> {
            tx.handle()
                    .execute("insert into software_product (title, created_at)"
                            + " select url, now() from software_release on conflict do nothing");
            tx.handle()
                    .execute("update software_release set product_id ="
                            + " (select id from software_product where title = url)");
            tx.handle().execute("drop index software_release_product");
            return tx.handle().createScript(migration).execute();
        });
        assertThat(products()).isEqualTo(expected);
    }

    private List<String> products() {
        return cloud.database.inTransaction(tx -> tx.handle()
                .createQuery("select p.title || ' ' || r.url from software_product p"
                        + " left join software_release r on r.product_id = p.id order by 1")
                .mapTo(String.class)
                .list());
    }

    private static String migration() throws IOException {
        try (var file = ProductTest.class.getResourceAsStream("/db/migration/V015__product.sql")) {
            assertThat(file).isNotNull();
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
