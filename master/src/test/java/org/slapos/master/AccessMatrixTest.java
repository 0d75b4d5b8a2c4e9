package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.Form;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.Reason;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.jsonrpc.JsonMethod;
import org.slapos.protocol.jsonrpc.Member;
import org.slapos.protocol.marshal.MarshalWriter;

/// Every method of every door, called by everybody over HTTPS with a real certificate: each answers as
/// `access-matrix.txt` says, which is written by hand beside the field's own matrix, not taken from the code. The rows
/// are those of the tables of the doors: a method without a row fails.
class AccessMatrixTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String USAGE = "<journal><transaction type='Sale Packing List'><title/>"
            + "<start_date>2031-04-01 00:00:00</start_date><stop_date>2031-04-01 23:59:59</stop_date>"
            + "<reference>day</reference><currency/><payment_mode/><category/><arrow type='Destination'/>"
            + "<movement><resource>service_module/cpu_load_percent</resource><title/><reference>slapuser0</reference>"
            + "<quantity>12.75</quantity><price>0.0</price><VAT/><category/></movement></transaction></journal>";
    private static final String SHARED = " (shared)";
    private static final String FOR = " (for)";

    private static final String LET_IN = "+";
    private static final String LACKS_THE_RIGHT = "-";
    private static final String NOT_TOLD = ".";
    private static final String UNKNOWN = "?";

    @TempDir
    private static Path folder;

    private static Neighbourhood cloud;
    private static List<String> callers;

    /// By row, then by caller.
    private static final Map<String, Map<String, String>> MATRIX = new LinkedHashMap<>();

    @BeforeAll
    static void open() throws IOException {
        try (var in = Objects.requireNonNull(AccessMatrixTest.class.getResourceAsStream("access-matrix.txt"))) {
            var lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.contains("|"))
                    .map(line -> line.split("\\|", 2))
                    .toList();
            callers = List.of(lines.getFirst()[1].strip().split("\\s+"));
            for (var line : lines.subList(1, lines.size())) {
                var cells = line[1].strip().split("\\s+");
                assertThat(cells).as(line[0]).hasSameSizeAs(callers);
                MATRIX.put(
                        line[0].strip(),
                        IntStream.range(0, cells.length)
                                .boxed()
                                .collect(Collectors.toMap(callers::get, i -> cells[i])));
            }
        }
        cloud = new Neighbourhood(folder);
    }

    @AfterAll
    static void close() {
        cloud.close();
    }

    @Test
    @Tag("row:6")
    void everyMethodOfEveryDoorHasItsRow() {
        var rows = new TreeSet<String>();
        MATRIX.keySet().forEach(row -> rows.add(row.replace(SHARED, "").replace(FOR, "")));
        try (var trades = new TestTrades()) {
            var methods = new TreeSet<>(trades.slapMethods());
            for (var method : JsonMethod.values()) {
                methods.add(method.wire());
            }
            assertThat(rows.stream().filter(row -> !row.startsWith("/")))
                    .as("a method without a row, or a row without a method")
                    .containsExactlyInAnyOrderElementsOf(methods);
            for (var mount : trades.mounts()) {
                assertThat(rows)
                        .as("the door of %s", mount.path())
                        .anyMatch(row -> mount.path().equals("/slap/") || row.startsWith(mount.path()));
            }
        }
    }

    @Test
    @Tag("row:6")
    void everybodyIsAnsweredAsTheMatrixSays() throws IOException {
        var before = cloud.rows();
        var wrong = new ArrayList<String>();
        var seen = new HashMap<String, String>();
        for (var row : MATRIX.keySet()) {
            call(row, false, wrong, seen);
        }
        assertThat(cloud.rows()).as("what is refused changes nothing").isEqualTo(before);
        for (var row : MATRIX.keySet()) {
            call(row, true, wrong, seen);
        }
        assertThat(wrong).as(() -> "as answered:\n" + table(seen)).isEmpty();
    }

    private static void call(String row, boolean letIn, List<String> wrong, Map<String, String> seen)
            throws IOException {
        for (var caller : callers) {
            var expected = Objects.requireNonNull(MATRIX.get(row)).get(caller);
            if (LET_IN.equals(expected) != letIn) {
                continue;
            }
            var answer = send(row, caller);
            var outcome = outcome(row, answer);
            seen.put(row + caller, outcome);
            if (!outcome.equals(expected)) {
                wrong.add(row + ", " + caller + ": " + expected + " expected, not " + outcome + " ("
                        + answer.statusCode() + " " + answer.body().strip() + ")");
            }
            if (row.toLowerCase(Locale.ROOT).contains("certificate")) {
                cloud.restoreComputer();
            }
        }
    }

    private static String table(Map<String, String> seen) {
        return MATRIX.keySet().stream()
                .map(row -> row + " | "
                        + callers.stream()
                                .map(caller -> seen.getOrDefault(row + caller, "!"))
                                .collect(Collectors.joining(" ")))
                .collect(Collectors.joining("\n"));
    }

    private static HttpResponse<String> send(String row, String caller) {
        if (row.startsWith("/")) {
            boolean asks = !row.startsWith("/Person_");
            var path = row.substring(1).replace("TREE", "HOSTSUBS-1").replace("COMPUTER", cloud.reference("computer"));
            return cloud.send(caller, asks ? "GET" : "POST", path, FORM, "");
        }
        return row.startsWith("slapos.")
                ? cloud.send(caller, "POST", "slap/" + row.replace(SHARED, ""), "application/json", body(row, caller))
                : cloud.send(
                        caller, "POST", "slap/" + row.replace(SHARED, "").replace(FOR, ""), FORM, form(row, caller));
    }

    private static String outcome(String row, HttpResponse<String> answer) {
        var why = answer.headers().firstValue(Reason.HEADER).map(Reason::decode).orElse(answer.body());
        return switch (answer.statusCode()) {
            case 401 ->
                row.startsWith("slapos.") && why.contains("may not call")
                        ? lacking(row, why)
                        : isRefusedByRule(why) ? LACKS_THE_RIGHT : UNKNOWN;
            case 403, 404 ->
                why.contains("that you may see") || why.startsWith("There is nothing")
                        ? NOT_TOLD
                        : why.contains("may not call") || why.contains("one-time token")
                                ? lacking(row, why)
                                : isRefusedByRule(why) ? LACKS_THE_RIGHT : LET_IN;
            case 200, 408, 409 -> LET_IN;
            default -> String.valueOf(answer.statusCode());
        };
    }

    /// By the rules between people: a person who may call the method may not do this by it.
    private static boolean isRefusedByRule(String why) {
        return why.matches("PERSON-[0-9]+ may not (?s).*")
                || why.startsWith("You are in no project")
                || why.startsWith("This token");
    }

    /// A refusal names the method and who may call it.
    private static String lacking(String row, String why) {
        var method = row.replace(SHARED, "").replace(FOR, "").replaceFirst("^/([a-z]*).*", "$1");
        boolean saysWho = why.contains(method) && why.matches("(?s).*: .+ may");
        return saysWho || row.startsWith("/Person_") ? LACKS_THE_RIGHT : "says no right: " + why;
    }

    private static String form(String row, String caller) {
        if (row.startsWith("requestComputerPartition")) {
            return new InstanceRequest(
                            Neighbourhood.RELEASE,
                            "default",
                            "cell of " + caller,
                            false,
                            Map.of(),
                            Map.of(),
                            Optional.of(RequestedState.STARTED),
                            row.endsWith(FOR)
                                    ? Optional.of(new InstanceRequest.From(
                                            new ComputerId(cloud.reference("computer")),
                                            new PartitionId(cloud.reference("instance's partition"))))
                                    : Optional.empty(),
                            Optional.empty())
                    .toForm()
                    .encode();
        }
        boolean shared = row.endsWith(SHARED);
        var computer = cloud.reference("computer");
        var partition = cloud.reference(shared ? "host's partition" : "instance's partition");
        var fields = new HashMap<>(Map.of(
                "computer_id", computer,
                "computer_partition_id", partition,
                "computer_reference", computer,
                "computer_partition_reference", partition,
                "url", Neighbourhood.RELEASE,
                "state", "available",
                "message", "again",
                "new_name", shared ? "site" : "instance",
                "use_string", USAGE));
        fields.put("software_release_url", Neighbourhood.RELEASE);
        fields.put("computer_title", "computer of " + caller);
        fields.put("error_log", "no");
        fields.put("connection_xml", "<marshal><dictionary id=\"i2\"/></marshal>");
        fields.put(
                "xml",
                MarshalWriter.write(
                        TestTrades.configuration(new ComputerId(computer), 8).toValue()));
        if (shared) {
            fields.put("slave_reference", cloud.reference("site"));
        }
        return new Form(fields).encode();
    }

    /// From the members that the method's own table names.
    private static String body(String row, String caller) {
        var method = JsonMethod.ofWire(row.replace(SHARED, "")).orElseThrow();
        boolean shared = row.endsWith(SHARED);
        var body = JSON.createObjectNode();
        method.members().stream().filter(Member::required).forEach(member -> {
            switch (member.name()) {
                case "computer_guid" -> body.put("computer_guid", cloud.reference("computer"));
                case "instance_guid" -> body.put("instance_guid", cloud.reference(shared ? "site" : "instance"));
                case "compute_partition_id" ->
                    body.put("compute_partition_id", cloud.reference("instance's partition"));
                case "title" -> body.put("title", title(method, shared, caller));
                case "software_release_uri" -> body.put("software_release_uri", Neighbourhood.RELEASE);
                case "tioxml" -> body.put("tioxml", USAGE);
                case "person" -> body.put("person", cloud.reference("somebody"));
                case "reference" -> body.put("reference", "PROJ-1");
                case "function" -> body.put("function", "customer");
                case "path" -> body.put("path", "/hateoas/");
                case "backup_url" -> body.put("backup_url", "https://backup.example/1/");
                case "id" -> body.put("id", "0");
                case "compute_partition_list" -> partitions(body);
                default -> {
                    switch (member.kind()) {
                        case STRING ->
                            body.put(
                                    member.name(),
                                    member.words().isEmpty()
                                            ? "default"
                                            : member.words().getFirst());
                        case BOOLEAN -> body.put(member.name(), false);
                        case INTEGER -> body.put(member.name(), 1);
                        case OBJECT -> body.putObject(member.name());
                        case ARRAY -> body.putArray(member.name());
                    }
                }
            }
        });
        if (method == JsonMethod.CHANGE_PRODUCT) {
            body.put("alias", "cell");
        }
        if (method == JsonMethod.SET_POOL) {
            body.put("size", 0);
        }
        if (method == JsonMethod.SET_BRAKE) {
            body.put("requests", 0);
        }
        return body.toString();
    }

    private static String title(JsonMethod method, boolean shared, String caller) {
        return switch (method) {
            case RENAME_INSTANCE -> shared ? "site" : "instance";
            case GET_TREE -> "root";
            case CHANGE_PRODUCT -> "hello";
            default -> "cell of " + caller;
        };
    }

    private static void partitions(ObjectNode body) {
        var list = body.putArray("compute_partition_list");
        for (int i = 0; i < 8; i++) {
            list.addObject().put("partition_id", "slappart" + i);
        }
    }

    /// A stranger who tries numbers gets the same answers for what is there and for what is not.
    @Test
    void nobodyFindsOutWhatIsThereByTryingNumbers() {
        for (var stranger : List.of("other-computer", "other-instance", "other")) {
            for (var method :
                    List.of("registerComputerPartition", "softwareInstanceBang", "requestComputerPartition (for)")) {
                var there = form(method, "x");
                var gone = there.replace("=" + cloud.reference("instance's partition"), "=slappart7"); // free
                var nowhere = there.replace("=" + cloud.reference("computer"), "=COMP-99");
                assertThat(List.of(told(stranger, method, gone), told(stranger, method, nowhere)))
                        .as("%s, %s", stranger, method)
                        .containsOnly(told(stranger, method, there));
            }
            var known = JSON.createObjectNode().put("instance_guid", cloud.reference("instance"));
            var unknown = JSON.createObjectNode().put("instance_guid", "SOFTINST-99");
            assertThat(json(stranger, unknown)).isEqualTo(json(stranger, known));
        }
    }

    private static String told(String caller, String row, String form) {
        var answer = cloud.send(caller, "POST", "slap/" + row.replace(FOR, ""), FORM, form);
        return answer.statusCode() + answer.body().replaceAll("COMP-[0-9]+|slappart[0-9]", "");
    }

    private static String json(String caller, JsonNode body) {
        var answer =
                cloud.send(caller, "POST", "slap/slapos.get.v0.software_instance", "application/json", body.toString());
        try {
            return JSON.readTree(answer.body()).toString().replaceAll("SOFTINST-[0-9]+", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
