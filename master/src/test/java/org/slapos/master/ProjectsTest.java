package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.slapos.master.TestTrades.ALICE;
import static org.slapos.master.TestTrades.BOB;
import static org.slapos.master.TestTrades.HELLO;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.party.Requester;
import org.slapos.protocol.Form;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// Projects are marketplaces of their own; tokens and invitations lead into one.
class ProjectsTest {
    private static final Requester.Person CHIEF = new Requester.Person("PERSON-3");

    private final TestTrades cloud = new TestTrades();

    /// A second project, of which Alice is a customer too.
    @BeforeEach
    void open() {
        cloud.welcome(CHIEF, "Chief", "system/manager");
        assertThat(json(CHIEF, "post.v0.party", "{\"kind\": \"project\", \"title\": \"Shop\"}")
                        .path("reference")
                        .asText())
                .isEqualTo("PROJ-2");
        json(
                CHIEF,
                "post.v0.assignment",
                "{\"person\": \"PERSON-1\", \"function\": \"customer\", \"project_guid\": \"PROJ-2\"}");
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    private JsonNode json(Requester who, String method, String body) {
        return cloud.json(who, "slapos." + method, body);
    }

    private static InstanceRequest wanted(String title, Optional<String> project, Map<String, String> filter) {
        return new InstanceRequest(
                HELLO,
                "default",
                title,
                false,
                Map.of(),
                filter,
                Optional.of(RequestedState.STARTED),
                Optional.empty(),
                project);
    }

    private String projectOf(String title) {
        return cloud.database.inTransaction(tx -> tx.handle()
                .createQuery("select project from instance_tree where title = :title and archived_at is null")
                .bind("title", title)
                .mapTo(String.class)
                .one());
    }

    @Test
    @Tag("row:4.3.4")
    @Tag("row:1")
    void whoIsInOneProjectNeedNotNameIt() {
        var computer = cloud.computer(BOB, "machine", 1);
        cloud.supply(BOB, computer, HELLO, SoftwareState.AVAILABLE);
        cloud.placed(cloud.request(BOB, wanted("blog", Optional.empty(), Map.of())));
        assertThat(projectOf("blog")).isEqualTo("PROJ-1");
    }

    @Test
    @Tag("row:4.3.4")
    void whoIsInSeveralIsAskedWhichAndToldTheirNames() {
        var asked = cloud.request(ALICE, wanted("blog", Optional.empty(), Map.of()));
        assertThat(asked.status()).isEqualTo(400);
        assertThat(TestTrades.reason(asked)).contains("Which project").contains("PROJ-1, PROJ-2");

        assertThat(cloud.request(ALICE, wanted("blog", Optional.of("PROJ-2"), Map.of()))
                        .status())
                .isEqualTo(408);
        assertThat(projectOf("blog")).isEqualTo("PROJ-2");
        // Known by now: its project need not be named again, and another is a contradiction.
        assertThat(cloud.request(ALICE, wanted("blog", Optional.empty(), Map.of()))
                        .status())
                .isEqualTo(408);
        var other = cloud.request(ALICE, wanted("blog", Optional.of("PROJ-1"), Map.of()));
        assertThat(other.status()).isEqualTo(409);
        assertThat(TestTrades.reason(other)).contains("is in PROJ-2");
    }

    @Test
    void aProjectThatOneIsNotInIsNotThere() {
        for (var refused : List.of(
                cloud.request(BOB, wanted("blog", Optional.of("PROJ-2"), Map.of())),
                cloud.request(BOB, wanted("blog", Optional.empty(), Map.of("project_guid", "PROJ-2"))))) {
            assertThat(refused.status()).isEqualTo(404);
            assertThat(TestTrades.reason(refused)).contains("no project PROJ-2").contains("You are in PROJ-1");
        }
        assertThat(cloud.count("instance_tree")).isZero();
    }

    @Test
    @Tag("row:4.3.4")
    void softwareConditionsAndComputersSayTheProjectToo() {
        var computer = registered("PROJ-2", "shop machine");
        cloud.format(new org.slapos.protocol.ComputerId(computer), 5);
        cloud.supply(ALICE, new org.slapos.protocol.ComputerId(computer), HELLO, SoftwareState.AVAILABLE);
        cloud.placed(cloud.request(ALICE, wanted("by software", Optional.empty(), Map.of())));
        assertThat(projectOf("by software")).isEqualTo("PROJ-2");

        var home =
                cloud.post(ALICE, "requestComputer", Map.of("computer_title", "home", "project_reference", "PROJ-1"));
        assertThat(home.status()).isEqualTo(200);
        cloud.supply(ALICE, new org.slapos.protocol.ComputerId("COMP-2"), HELLO, SoftwareState.AVAILABLE);
        cloud.placed(cloud.request(ALICE, wanted("by condition", Optional.empty(), Map.of("project_guid", "PROJ-2"))));
        assertThat(projectOf("by condition")).isEqualTo("PROJ-2");
        cloud.request(ALICE, wanted("by computer", Optional.empty(), Map.of("computer_guid", "COMP-2")));
        assertThat(projectOf("by computer")).isEqualTo("PROJ-1");
    }

    @Test
    void aTreeIsPlacedOnComputersOfItsProjectOnly() {
        var computer = cloud.computer(BOB, "machine", 1);
        cloud.supply(BOB, computer, HELLO, SoftwareState.AVAILABLE);
        var waiting = cloud.request(ALICE, wanted("blog", Optional.of("PROJ-2"), Map.of()));
        assertThat(waiting.status()).isEqualTo(408);
        cloud.placed(cloud.request(ALICE, wanted("site", Optional.of("PROJ-1"), Map.of())));
    }

    private Answer register(String token, Map<String, String> form) {
        var call = new Call(
                "test",
                "POST",
                "",
                new Form(Map.of()),
                Map.of("x-access-token", token),
                new Form(form).encode().getBytes(StandardCharsets.UTF_8),
                new Requester.Anonymous("No client certificate was shown."),
                "127.0.0.1",
                Optional.of(URI.create("https://master.example/")));
        try {
            return cloud.mounts().stream()
                    .filter(mount -> mount.path().equals("/Person_requestComputer"))
                    .findFirst()
                    .orElseThrow()
                    .door()
                    .answer(call);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String token(String project) {
        return json(ALICE, "post.v0.compute_node_token", "{\"project_guid\": \"" + project + "\"}")
                .path("token")
                .asText();
    }

    private String registered(String project, String title) {
        var answer = register(token(project), Map.of("title", title));
        assertThat(answer.status()).as(TestTrades.reason(answer)).isEqualTo(200);
        return TestTrades.text(answer).replaceAll(".*\"reference\":\"(COMP-[0-9]+)\".*\\s*", "$1");
    }

    @Test
    void theTokenOfAComputerComesWithTheLineToType() {
        var answer = json(ALICE, "post.v0.compute_node_token", "{\"project_guid\": \"PROJ-2\"}");
        assertThat(answer.path("command").asText())
                .startsWith("slapos node register NAME --master-url https://master.example/slap/ ")
                .endsWith(" --token " + answer.path("token").asText());
        assertThat(json(ALICE, "post.v0.compute_node_token", "{}").path("title").asText())
                .contains("Which project");
    }

    @Test
    @Tag("row:15")
    void aTokenThatDoesNotWorkIsRefusedForItsOwnReason() {
        var spent = token("PROJ-2");
        assertThat(register(spent, Map.of("title", "one")).status()).isEqualTo(200);
        var ofAnother = token("PROJ-2");
        var forPeople = json(ALICE, "post.v0.person_certificate_token", "{}")
                .path("token")
                .asText();
        var withdrawn = token("PROJ-2");
        var id = json(ALICE, "allDocs.v0.token_list", "{}")
                .path("result_list")
                .path(0)
                .path("id")
                .asText();
        json(ALICE, "remove.v0.token", "{\"id\": \"" + id + "\"}");
        var old = token("PROJ-2");

        assertThat(why(spent, Map.of("title", "two"))).contains("used already");
        assertThat(why(ofAnother, Map.of("title", "two", "project_reference", "PROJ-1")))
                .contains("registers Computers in PROJ-2, not in PROJ-1");
        assertThat(why(forPeople, Map.of("title", "two"))).contains("for getting a person's certificate");
        assertThat(why(withdrawn, Map.of("title", "two"))).contains("was withdrawn");
        assertThat(why("nothing", Map.of("title", "two"))).contains("not known");
        cloud.clock.advance(Duration.ofDays(1));
        assertThat(why(old, Map.of("title", "two"))).contains("expired");

        var left = token("PROJ-2");
        json(
                CHIEF,
                "remove.v0.assignment",
                "{\"person\": \"PERSON-1\", \"function\": \"customer\", \"project_guid\": \"PROJ-2\"}");
        assertThat(why(left, Map.of("title", "two"))).contains("holds no function any more");
        var suspended = token("PROJ-1");
        json(CHIEF, "put.v0.party_state", "{\"reference\": \"PERSON-1\", \"state\": \"suspended\"}");
        assertThat(why(suspended, Map.of("title", "two"))).contains("PERSON-1, who is suspended");
        assertThat(cloud.count("computer")).isEqualTo(1);
    }

    private String why(String token, Map<String, String> form) {
        var answer = register(token, form);
        assertThat(answer.status()).isEqualTo(403);
        return TestTrades.reason(answer);
    }

    @Test
    void theSameTitleIsAnotherComputerInAnotherProject() {
        assertThat(Stream.of("PROJ-1", "PROJ-2").map(project -> registered(project, "machine")))
                .containsExactly("COMP-1", "COMP-2");
    }

    @Test
    @Tag("row:5")
    void anInvitationWorksOnceAndForSevenDays() {
        var invitation = "{\"function\": \"production/agent\", \"project_guid\": \"PROJ-2\"}";
        var first = json(CHIEF, "post.v0.invitation_token", invitation)
                .path("token")
                .asText();
        var accepted = json(BOB, "post.v0.invitation", "{\"token\": \"" + first + "\"}");
        assertThat(accepted.path("function").asText()).isEqualTo("production/agent");
        assertThat(cloud.assignments.of("PERSON-2").isIn("PROJ-2")).isTrue();
        assertThat(json(ALICE, "post.v0.invitation", "{\"token\": \"" + first + "\"}")
                        .path("title")
                        .asText())
                .contains("used already");

        var second = json(CHIEF, "post.v0.invitation_token", invitation)
                .path("token")
                .asText();
        cloud.clock.advance(Duration.ofDays(7));
        assertThat(json(ALICE, "post.v0.invitation", "{\"token\": \"" + second + "\"}")
                        .path("title")
                        .asText())
                .contains("expired");
    }

    @Test
    @Tag("row:2")
    void anEmployerPaysAndAnEmailIsOnePersons() {
        json(CHIEF, "post.v0.party", "{\"kind\": \"organisation\", \"title\": \"Acme\"}");
        var details = "{\"reference\": \"PERSON-1\", \"details\": {\"employer\": \"ORG-1\", \"payer\": \"ORG-1\"}}";
        assertThat(json(ALICE, "put.v0.party", details).path("type").asText()).isEqualTo("unauthorized");
        assertThat(json(CHIEF, "put.v0.party", details)
                        .path("details")
                        .path("payer")
                        .asText())
                .isEqualTo("ORG-1");
        // Its people see their employer, others do not.
        assertThat(json(ALICE, "get.v0.party", "{\"reference\": \"ORG-1\"}")
                        .path("title")
                        .asText())
                .isEqualTo("Acme");
        assertThat(json(BOB, "get.v0.party", "{\"reference\": \"ORG-1\"}")
                        .path("type")
                        .asText())
                .isEqualTo("PARTY-NOT-FOUND");
        var email = "\", \"details\": {\"email\": \"Alice@example.com\"}}";
        json(CHIEF, "put.v0.party", "{\"reference\": \"PERSON-1" + email);
        assertThat(json(BOB, "put.v0.party", "{\"reference\": \"PERSON-2" + email.replace("Alice", "alice"))
                        .path("title")
                        .asText())
                .contains("somebody else");
    }

    @Test
    void whatChangesLeavesAnEventThatNobodyCanEdit() {
        var computer = cloud.computer(BOB, "machine", 2);
        cloud.supply(BOB, computer, HELLO, SoftwareState.AVAILABLE);
        var placed = cloud.start(BOB, "blog");
        cloud.request(BOB, "blog", RequestedState.STARTED);
        cloud.request(BOB, "blog", RequestedState.DESTROYED);
        cloud.report("destroyedComputerPartition", placed);

        assertThat(actions("COMP-1")).containsExactly("software.supply", "computer.format", "computer.register");
        assertThat(actions("HOSTSUBS-1")).containsExactly("tree.change", "tree.create");
        assertThat(actions("SOFTINST-1"))
                .containsExactly(
                        "certificate.revoke",
                        "instance.end",
                        "instance.change",
                        "instance.place",
                        "certificate.issue",
                        "instance.create");
        for (var edit : List.of("update event set who = 'x'", "delete from event", "truncate event")) {
            assertThatThrownBy(
                            () -> cloud.database.inTransaction(tx -> tx.handle().execute(edit)))
                    .hasMessageContaining("what happened has happened");
        }
        var page = json(CHIEF, "allDocs.v0.event_list", "{\"object\": \"SOFTINST-1\", \"limit\": 2}");
        var last = page.path("result_list").path(1).path("id").asText();
        assertThat(json(CHIEF, "allDocs.v0.event_list", "{\"object\": \"SOFTINST-1\", \"before\": \"" + last + "\"}")
                        .path("result_list")
                        .findValuesAsText("action"))
                .containsExactly("instance.change", "instance.place", "certificate.issue", "instance.create");
        // Others see what was done to what is theirs.
        assertThat(json(BOB, "allDocs.v0.event_list", "{\"object\": \"COMP-1\"}")
                        .path("result_list"))
                .hasSize(3);
        assertThat(json(ALICE, "allDocs.v0.event_list", "{\"object\": \"COMP-1\"}")
                        .path("type")
                        .asText())
                .isEqualTo("OBJECT-NOT-FOUND");
    }

    private List<String> actions(String object) {
        return json(CHIEF, "allDocs.v0.event_list", "{\"object\": \"" + object + "\"}")
                .path("result_list")
                .findValuesAsText("action");
    }
}
