package org.slapos.protocol.jsonrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slapos.protocol.AccessStatus;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.SoftwareState;

/// The JSON methods as messages.
class JsonMethodTest {
    private static final Instance BLOG = new Instance(
            "blog",
            "SOFTINST-77",
            "https://soft.example/wp.cfg",
            "default",
            RequestedState.STARTED,
            Map.of("url", "http://10.0.0.2/"),
            Map.of("_", "{\"size\": 3}"),
            false,
            "blog",
            List.of(List.of("slaptap0", "10.0.0.2")),
            List.of(List.of("route_slaptap0", "10.1.0.2", "10.1.0.1", "255.255.0.0", "10.1.0.0")),
            Map.of("computer_guid", "COMP-12"),
            "COMP-12",
            "slappart0",
            1_932_768_000_000_000L,
            "#access Instance correctly started");

    private static final InstanceRequest WANTED = new InstanceRequest(
            "https://soft.example/wp.cfg",
            "default",
            "blog",
            true,
            Map.of("é", "x"),
            Map.of("retention_delay", "7.0", "computer_guid", "COMP-1"),
            Optional.of(RequestedState.STOPPED),
            Optional.empty(),
            Optional.empty());

    /// A call of each method with its answer.
    record Example(JsonCall<?> call, JsonAnswer answer) {
        @Override
        public String toString() {
            return call.method().wire();
        }
    }

    private static List<Example> examples() {
        return Stream.concat(particularExamples().stream(), partyExamples()).toList();
    }

    /// Those whose members travel as they are.
    private static Stream<Example> partyExamples() {
        return Arrays.stream(JsonMethod.values())
                .filter(method -> !method.members().isEmpty() || method == JsonMethod.LIST_TOKENS)
                .flatMap(method -> {
                    var members = Json.object();
                    method.members().forEach(member -> {
                        switch (member.kind()) {
                            case STRING ->
                                members.put(
                                        member.name(),
                                        member.words().isEmpty()
                                                ? "7"
                                                : member.words().getFirst());
                            case INTEGER -> members.put(member.name(), 7);
                            case BOOLEAN -> members.put(member.name(), true);
                            case OBJECT -> members.putObject(member.name()).put("email", "alice@example.com");
                            case ARRAY -> members.putArray(member.name());
                        }
                    });
                    return Stream.of(new PartyCall(method, members));
                })
                .filter(call -> isPartyMethod(call.method()))
                .map(call -> new Example(call, new Document(Json.object().put("title", "x"))));
    }

    private static boolean isPartyMethod(JsonMethod method) {
        return method.compareTo(JsonMethod.MAKE_PARTY) >= 0 && method.compareTo(JsonMethod.LIST_EVENTS) <= 0;
    }

    private static List<Example> particularExamples() {
        var done = new Success("done");
        var pair = new CertificatePair("-----BEGIN CERTIFICATE-----", "-----BEGIN PRIVATE KEY-----");
        return List.of(
                new Example(new InstanceCall.Request(WANTED), BLOG),
                new Example(new InstanceCall.Get("SOFTINST-77"), BLOG),
                new Example(new InstanceCall.OnPartition("COMP-1", "slappart0"), BLOG),
                new Example(new InstanceCall.Root("blog"), new NotReady("it waits")),
                new Example(new InstanceCall.Trees(), new ResultList<>(List.of(new Rows.Tree("blog")))),
                new Example(
                        new InstanceCall.HostedBy("SOFTINST-1"),
                        new ResultList<>(List.of(new Rows.SharedInstance(
                                "site", "SOFTINST-2", "default", "started", Map.of("a", "b"), "slappart0")))),
                new Example(new InstanceCall.Certificate("SOFTINST-1"), pair),
                new Example(new InstanceCall.Publish("SOFTINST-1", Map.of("url", "http://x/")), done),
                new Example(new InstanceCall.ReportState("SOFTINST-1", RequestedState.DESTROYED), done),
                new Example(new InstanceCall.ReportError("SOFTINST-1", "no"), done),
                new Example(new InstanceCall.Bang("SOFTINST-1", "now"), done),
                new Example(new InstanceCall.Rename("SOFTINST-1", "other"), done),
                new Example(
                        new ComputeNodeCall.Status("COMP-1"),
                        new StatusAnswer(new AccessStatus(
                                "#access COMP-1",
                                "",
                                "COMP-1",
                                Optional.of(Instant.parse("2031-04-01T08:00:00Z")),
                                Optional.of(Instant.parse("2031-04-01T07:00:00Z")),
                                "COMP-1",
                                "Compute Node",
                                AccessStatus.Silence.FIVE_MINUTES))),
                new Example(
                        new ComputeNodeCall.Instances("COMP-1"),
                        new ResultList<>(List.of(
                                new Rows.PlainInstance("blog", "SOFTINST-1", "started", "slappart0", "http://x")))),
                new Example(
                        new ComputeNodeCall.Installations("COMP-1"),
                        new ResultList<>(List.of(new Rows.Installation("http://x", "available")))),
                new Example(
                        new ComputeNodeCall.Format(
                                "COMP-1",
                                List.of(
                                        new FormattedPartition(
                                                "slappart0",
                                                List.of(
                                                        new FormattedPartition.Address("tap0", "10.0.0.2", "", "", ""),
                                                        new FormattedPartition.Address(
                                                                "tap0",
                                                                "10.1.0.2",
                                                                "255.0.0.0",
                                                                "10.1.0.1",
                                                                "10.0.0.0")),
                                                Optional.of(List.of("gpu"))),
                                        new FormattedPartition("slappart1", List.of(), Optional.empty()))),
                        done),
                new Example(new ComputeNodeCall.Bang("COMP-1", "now"), done),
                new Example(new ComputeNodeCall.IssueCertificate("COMP-1", Optional.of("csr")), pair),
                new Example(new ComputeNodeCall.RevokeCertificate("COMP-1"), done),
                new Example(new ComputeNodeCall.Usage("COMP-1", "<journal/>"), done),
                new Example(
                        new ComputeNodeCall.Owned(),
                        new ResultList<>(List.of(new Rows.Computer("COMP-1", "one", Optional.empty(), 1, 2)))),
                new Example(new InstallationCall.Supply("COMP-1", "http://x", SoftwareState.DESTROYED), done),
                new Example(
                        new InstallationCall.ReportState("COMP-1", "http://x", InstallationCall.Reported.BUILDING),
                        done),
                new Example(new InstallationCall.ReportError("COMP-1", "http://x", "cc"), done),
                new Example(
                        new InstallationCall.Get("COMP-1", "http://x"),
                        new Installation(
                                "SOFTINSTALL-1",
                                "COMP-1",
                                "http://x",
                                "available",
                                "",
                                "#error",
                                Optional.empty(),
                                "cc")),
                new Example(
                        new MarketCall.ShowOffer("COMP-1"),
                        new Document(Json.object().put("computer_guid", "COMP-1"))),
                new Example(new ComputeNodeCall.Lose("COMP-1"), done),
                new Example(new InstanceCall.BackUp("SOFTINST-1", "https://backup.example/1/"), done),
                new Example(new MarketCall.ChangeOffer("COMP-1", Map.of("price", "5EUR/month")), done),
                new Example(
                        new MarketCall.ChangeSupply(
                                "COMP-1",
                                "http://x",
                                false,
                                Optional.of("large"),
                                Optional.of("PERSON-2"),
                                Optional.of("5EUR/month"),
                                Optional.of(Instant.parse("2031-04-01T08:00:00Z"))),
                        done),
                new Example(
                        new MarketCall.ChangeProduct(
                                "mariadb",
                                Optional.of("MySQL"),
                                Optional.of("large"),
                                Optional.of(4),
                                Optional.of("http://x"),
                                Optional.of(Instant.parse("2031-04-01T08:00:00Z"))),
                        done),
                new Example(
                        new MarketCall.Plan(WANTED), new Document(Json.object().put("outcome", "place"))),
                new Example(
                        new MarketCall.Explain("SOFTINST-1", 10),
                        new Document(Json.object().put("outcome", "wait"))),
                new Example(
                        new MarketCall.SetPool("http://x", "large", Optional.of("PROJ-2"), Optional.of(3), 10),
                        new Document(Json.object().put("reference", "POOL-1"))),
                new Example(new MarketCall.ListPools(Optional.of("PROJ-2")), new Document(Json.object())),
                new Example(
                        new MarketCall.SetBrake(2, MarketCall.Period.DAY, Optional.of("PROJ-2")),
                        new Document(Json.object().put("requests", 2))),
                new Example(new MarketCall.ShowBrake(Optional.of("PROJ-2")), new Document(Json.object())),
                new Example(new MarketCall.Figures(), new Document(Json.object().put("plans", 1))),
                new Example(new MasterCall.GetHateoasUrl(), new HateoasUrl("https://m/hateoas/")),
                new Example(
                        new MasterCall.CreateComputerToken(Optional.of("PROJ-2")),
                        new ComputerToken("t", "2031-04-01T08:00:00Z", "slapos node register NAME")),
                new Example(
                        new CertificateCall.Own(),
                        new CertificateLife("COMP-1", "2032-04-01T08:00:00Z", "2031-12-01T08:00:00Z")),
                new Example(new CertificateCall.Renew(Optional.of("csr")), pair),
                new Example(
                        new CertificateCall.Listing(true, 7, 3),
                        new ResultList<>(List.of(new Rows.Certificate(
                                "COMP-1",
                                "COMPUTER",
                                "4f",
                                "works",
                                "2031-04-01T08:00:00Z",
                                "2032-04-01T08:00:00Z",
                                Optional.empty(),
                                Optional.of("2031-04-02T08:00:00Z"))))),
                new Example(new CertificateCall.Revoke("4f"), done),
                new Example(
                        new MasterCall.Movements(7, 3),
                        new MovementList(
                                new ResultList<>(List.of(new Rows.Movement(
                                        1,
                                        "hosting",
                                        "s",
                                        "COMP-1",
                                        "PERSON-1",
                                        "SOFTINST-1",
                                        "2031-04-01T08:00:00Z",
                                        Optional.empty(),
                                        Optional.of(new BigDecimal("1234567890123456789.123456")),
                                        "c"))),
                                true)));
    }

    @Test
    void allMethodsOfTheProtocolAreThere() {
        assertThat(Arrays.stream(JsonMethod.values()).map(JsonMethod::wire))
                .contains(
                        "slapos.get.v0.compute_node_status",
                        "slapos.get.v0.compute_partition",
                        "slapos.get.v0.software_instance",
                        "slapos.get.v0.software_instance_certificate",
                        "slapos.get.v0.instance_tree",
                        "slapos.get.v0.hateoas_url",
                        "slapos.allDocs.v0.compute_node_instance_list",
                        "slapos.allDocs.v0.compute_node_software_installation_list",
                        "slapos.allDocs.v0.instance_node_instance_list",
                        "slapos.allDocs.v0.instance_tree_list",
                        "slapos.post.v0.software_instance",
                        "slapos.post.v0.software_installation",
                        "slapos.post.v0.compute_node_certificate",
                        "slapos.remove.v0.compute_node_certificate",
                        "slapos.post.v0.compute_node_usage",
                        "slapos.put.v0.compute_node_format",
                        "slapos.put.v0.compute_node_bang",
                        "slapos.put.v0.software_installation_error",
                        "slapos.put.v0.software_installation_reported_state",
                        "slapos.put.v0.software_instance_bang",
                        "slapos.put.v0.software_instance_error",
                        "slapos.put.v0.software_instance_reported_state",
                        "slapos.put.v0.software_instance_connection_parameter",
                        "slapos.put.v0.software_instance_title");
    }

    @ParameterizedTest
    @EnumSource(JsonMethod.class)
    void everyMethodHasAnExampleHere(JsonMethod method) {
        assertThat(examples()).anyMatch(example -> example.call().method() == method);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void aCallIsReadAsItWasWritten(Example example) {
        var written = Json.read(Json.write(example.call().write()));
        assertThat(example.call().method().read((ObjectNode) written)).isEqualTo(example.call());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void anAnswerIsReadAsItWasWritten(Example example) {
        var written = (ObjectNode) Json.read(Json.write(example.answer().write()));
        written.put("added by a later Master", 1);
        var read = example.call().answer(written);
        assertThat(read instanceof Document(var json) ? new Document(json.without("added by a later Master")) : read)
                .isEqualTo(example.answer());
    }

    @ParameterizedTest
    @MethodSource("examples")
    @Tag("row:17")
    void aCallWithAnUnknownOrAMissingMemberIsRefused(Example example) {
        var method = example.call().method();
        assertThatThrownBy(() -> method.read(example.call().write().put("extra", 1)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("unknown member 'extra'");
        for (var member : method.members()) {
            var call = example.call().write();
            call.remove(member.name());
            if (member.required()) {
                assertThatThrownBy(() -> method.read(call)).hasMessageContaining(member.name());
            } else {
                method.read(call);
            }
            assertThatThrownBy(() -> method.read(example.call().write().putNull(member.name())))
                    .isInstanceOf(MalformedException.class);
        }
    }

    private static Stream<String> badCalls() {
        return Stream.of(
                "slapos.get.v0.instance_tree {\"title\": \"" + "x".repeat(201) + "\"}",
                "slapos.get.v0.instance_tree {\"title\": 3}",
                "slapos.put.v0.software_instance_reported_state {\"instance_guid\": \"S\", \"reported_state\": \"on\"}",
                "slapos.put.v0.compute_node_format {\"computer_guid\": \"C\", \"compute_partition_list\": [{}]}",
                "slapos.put.v0.compute_node_format {\"computer_guid\": \"C\", \"compute_partition_list\": [3]}",
                "slapos.put.v0.compute_node_format {\"computer_guid\": \"C\", \"compute_partition_list\":"
                        + " [{\"partition_id\": \"p\", \"ip_list\": [{\"netmask\": \"x\"}]}]}",
                "slapos.put.v0.compute_node_format {\"computer_guid\": \"C\", \"compute_partition_list\":"
                        + " [{\"partition_id\": \"p\", \"ip_list\": {}}]}",
                "slapos.post.v0.software_instance {\"title\": \"t\", \"software_release_uri\": \"u\","
                        + " \"software_type\": \"d\", \"sla_parameters\": {\"retention_delay\": \"7\"}}",
                "slapos.post.v0.software_instance {\"title\": \"t\", \"software_release_uri\": \"u\","
                        + " \"software_type\": \"d\", \"sla_parameters\": {\"computer_guid\": 7}}",
                "slapos.post.v0.software_instance {\"title\": \"t\", \"software_release_uri\": \"u\","
                        + " \"software_type\": \"d\", \"shared\": \"yes\"}",
                "slapos.get.v0.instance_tree {\"title\": \"a\\u0000\"}",
                "slapos.get.v0.instance_tree {\"title\": \"a\\ud800\"}",
                "slapos.post.v0.software_instance {\"title\": \"t\", \"software_release_uri\": \"u\","
                        + " \"software_type\": \"d\", \"parameters\": {\"a\": [{\"b\\u0000\": 1}]}}",
                "slapos.allDocs.v0.movement_list {\"limit\": -1}");
    }

    @ParameterizedTest
    @MethodSource("badCalls")
    void aMemberThatIsNotWhatItShouldBeIsRefused(String text) {
        int blank = text.indexOf(' ');
        var method = JsonMethod.ofWire(text.substring(0, blank)).orElseThrow();
        var call = (ObjectNode) json(text.substring(blank));
        assertThatThrownBy(() -> method.read(call)).isInstanceOf(MalformedException.class);
    }

    @Test
    void aTitleIsCountedInCharacters() {
        var title = "𝄞".repeat(200);
        assertThat(JsonMethod.GET_TREE.read(Json.object().put("title", title))).isEqualTo(new InstanceCall.Root(title));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
                    "text"               | text
                    true                 | True
                    null                 | None
                    3                    | 3
                    12345678901234567890 | 12345678901234567890
                    1.5                  | 1.5
                    2.0                  | 2.0
                    1e-7                 | 1e-07
                    {"a": 1}             | {'a': 1}
                    ["x", false, {}]     | ['x', False, {}]
                    ["it's"]             | ["it's"]
                    ["'\\""]             | ['\\'"']
                    ["a\\nb\\u0001é"]    | ['a\\nb\\x01é']
                    """)
    void aParameterThatIsNoStringIsReadAsPythonWritesIt(String value, String expected) {
        var call =
                (ObjectNode) json("{\"instance_guid\": \"S\", \"connection_parameter_dict\": {\"x\": " + value + "}}");
        assertThat(JsonMethod.PUBLISH_CONNECTION.read(call))
                .isEqualTo(new InstanceCall.Publish("S", Map.of("x", expected)));
    }

    @Test
    void aNullConnectionParameterIsEmptyInAnAnswer() {
        var answer = BLOG.write();
        answer.putObject("connection_parameters").putNull("url");
        assertThat(new InstanceCall.Get("SOFTINST-77").answer(answer).connection())
                .containsExactly(Map.entry("url", ""));
    }

    @Test
    void anInstanceOfAProxyIsReadWhenItsMembersAreFew() {
        var answer = json("{\"title\": \"a\", \"instance_guid\": \"a______0\", \"state\": \"started\"}");
        assertThat(new InstanceCall.Get("a______0").answer(answer).isPlaced()).isFalse();
    }

    @Test
    void anErrorTellsAbsenceFromRefusal() {
        assertThat(JsonError.read(403, json("{\"type\": \"INSTANCE-TREE-NOT-FOUND\"}"))
                        .isNotFound())
                .isTrue();
        assertThat(JsonError.read(403, json("{\"type\": \"Forbidden\"}")).isNotFound())
                .isFalse();
    }

    @Test
    void whatIsNotOneJsonTextIsRefused() {
        for (var text : List.of("", "{", "{} x", "{\"a\": 1, \"a\": 2}")) {
            assertThatThrownBy(() -> json(text)).as(text).isInstanceOf(MalformedException.class);
        }
    }

    @Test
    void keysAndTokensAreNotPrinted() {
        assertThat(new CertificatePair("c", "secret").toString()).doesNotContain("secret");
        assertThat(new ComputerToken("secret", "", "slapos node register NAME --token secret").toString())
                .doesNotContain("secret");
    }

    private static JsonNode json(String text) {
        return Json.read(text.getBytes(StandardCharsets.UTF_8));
    }
}
