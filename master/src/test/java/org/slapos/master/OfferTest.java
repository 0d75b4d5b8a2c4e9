package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.marshal.MarshalWriter;

/// How a Computer is offered: by its operator's word, and its node's.
class OfferTest {
    private TestTrades trades;
    private ComputerId computer;

    @BeforeEach
    void open() {
        trades = new TestTrades();
        computer = trades.computer(ALICE, "one", 1);
    }

    @AfterEach
    void close() {
        trades.close();
    }

    @Test
    void aNewComputerIsOpenAndItsOwnersOffer() {
        assertThat(settings().path("scope").asText()).isEqualTo("open");
        assertThat(settings().path("supplier").asText()).isEqualTo("PERSON-1");
        assertThat(settings().has("price")).isFalse();
    }

    @Test
    void typedCharacteristicsAreReadWithTheirUnits() {
        assertThat(set(ALICE, Map.of("memory", "64GB", "disk", "2TB", "cores", "8", "region", "europe/west/france"))
                        .path("type")
                        .asText())
                .isEqualTo("success");
        assertThat(settings().path("memory").asText()).isEqualTo("64GB");
        assertThat(settings().path("disk").asText()).isEqualTo("2TB");
        assertThat(settings().path("cores").asText()).isEqualTo("8");
        assertThat(settings().path("region").asText()).isEqualTo("europe/west/france");
    }

    @Test
    void everythingWrongIsSaidAtOnceAndNothingIsTaken() {
        var refused = set(
                ALICE,
                Map.of("memory", "64", "regoin", "europe", "scope", "shut", "price", "5EUR/month", "cores", "8"));
        assertThat(refused.path("title").asText())
                .contains("memory: '64' is no amount with a unit", "did you mean 'region'?", "close/maintenance");
        assertThat(settings().has("price")).isFalse();
        assertThat(settings().has("cores")).isFalse();
    }

    @Test
    void aPriceHasTimeAndCurrency() {
        for (var wrong : new String[] {"5", "EUR 5", "5EUR/day", "-1EUR", "1000000000EUR", "1.0000001EUR"}) {
            assertThat(set(ALICE, Map.of("price", wrong)).path("status").asInt())
                    .as(wrong)
                    .isEqualTo(400);
        }
        set(ALICE, Map.of("price", "5eur"));
        assertThat(settings().path("price").asText()).isEqualTo("5 EUR/month");
        set(ALICE, Map.of("price", "0.0125 EUR / hour"));
        assertThat(settings().path("price").asText()).isEqualTo("0.0125 EUR/hour");
        set(ALICE, Map.of("price", ""));
        assertThat(settings().has("price")).isFalse();
    }

    @Test
    void aPriceIsNeverEditedButSuperseded() {
        set(ALICE, Map.of("price", "5EUR"));
        set(ALICE, Map.of("price", "5EUR"));
        assertThat(trades.count("price")).isEqualTo(1);
        trades.clock.advance(Duration.ofDays(1));
        var next = trades.clock.instant().plus(Duration.ofDays(1));
        set(ALICE, Map.of("price", "4EUR", "price_from", next.toString()));
        assertThat(settings().path("price").asText()).isEqualTo("5 EUR/month");
        trades.clock.advance(Duration.ofDays(1));
        assertThat(settings().path("price").asText()).isEqualTo("4 EUR/month");
        assertThat(trades.count("price")).isEqualTo(2);
        assertThatThrownBy(
                        () -> trades.database.inTransaction(tx -> tx.handle().execute("update price set amount = 1")))
                .hasMessageContaining("a price is never edited");
    }

    @Test
    void aPriceDoesNotBeginInThePast() {
        var refused = set(ALICE, Map.of("price", "5EUR", "price_from", "2001-01-01T00:00:00Z"));
        assertThat(refused.path("title").asText()).contains("is past");
    }

    @Test
    void onlyTheOwnerChangesAnOffer() {
        assertThat(set(BOB, Map.of("price", "1EUR")).path("status").asInt())
                .as("a customer of the project sees the Computer")
                .isEqualTo(401);
        assertThat(set(new Requester.Computer(computer), Map.of("price", "1EUR"))
                        .path("status")
                        .asInt())
                .isEqualTo(401);
    }

    @Test
    void aSupplierIsAPartyThatExists() {
        assertThat(set(ALICE, Map.of("supplier", "PERSON-999")).path("title").asText())
                .contains("no party PERSON-999");
    }

    @Test
    void whatTheNodeAnnouncesHoldsUntilTheOperatorSaysOtherwise() {
        announce(Map.of("memory", "67272798208B", "cores", "many"));
        assertThat(settings().path("memory").asText()).isEqualTo("67.27GB");
        assertThat(settings().has("cores")).isFalse();
        set(ALICE, Map.of("memory", "32GB"));
        assertThat(settings().path("memory").asText()).isEqualTo("32GB");
        set(ALICE, Map.of("memory", ""));
        assertThat(settings().path("memory").asText()).isEqualTo("67.27GB");
    }

    private void announce(Map<String, String> facts) {
        var configuration = TestTrades.configuration(computer, 1);
        var announced = new org.slapos.protocol.ComputerConfiguration(
                computer, configuration.address(), configuration.netmask(), facts, configuration.partitions());
        var answer = trades.post(
                new Requester.Computer(computer),
                "loadComputerConfigurationFromXML",
                Map.of("xml", MarshalWriter.write(announced.toValue())));
        assertThat(answer.status()).isEqualTo(200);
    }

    private JsonNode set(Requester who, Map<String, String> settings) {
        var members = settings.entrySet().stream()
                .map(it -> "\"" + it.getKey() + "\": \"" + it.getValue() + "\"")
                .collect(Collectors.joining(", "));
        return trades.json(
                who,
                "slapos.put.v0.compute_node_offer",
                "{\"computer_guid\": \"" + computer + "\", \"settings\": {" + members + "}}");
    }

    private JsonNode settings() {
        return trades.json(ALICE, "slapos.get.v0.compute_node_offer", "{\"computer_guid\": \"" + computer + "\"}")
                .path("settings");
    }
}
