package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.MalformedException;

/// The calls about what is offered and for how much. Beyond the protocol.
public sealed interface MarketCall<A extends JsonAnswer> extends JsonCall<A> {
    /// How a Computer is offered.
    record ShowOffer(String computer) implements MarketCall<Document> {
        static ShowOffer read(ObjectNode call) {
            return new ShowOffer(Json.text(call, "computer_guid"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.GET_OFFER;
        }

        @Override
        public ObjectNode write() {
            return Json.object().put("computer_guid", computer);
        }

        @Override
        public Document answer(JsonNode answer) {
            return Document.read(answer);
        }
    }

    /// Changes how a Computer is offered; what is not named stays.
    ///
    /// @param settings an empty value takes back what was said
    record ChangeOffer(String computer, Map<String, String> settings) implements MarketCall<Success> {
        public ChangeOffer {
            settings = Map.copyOf(settings);
        }

        static ChangeOffer read(ObjectNode call) {
            return new ChangeOffer(Json.text(call, "computer_guid"), Json.pythonTexts(call, "settings"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.CHANGE_OFFER;
        }

        @Override
        public ObjectNode write() {
            var json = Json.object().put("computer_guid", computer);
            Json.put(json, "settings", settings);
            return json;
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    /// Allows a SoftwareRelease on a Computer, or takes that back.
    ///
    /// @param type     nothing = each
    /// @param customer reference of a person; nothing = everybody
    /// @param price    such as `5EUR/month`; nothing = what the Computer costs otherwise
    /// @param from     nothing = now
    record ChangeSupply(
            String computer,
            String release,
            boolean isAllowed,
            Optional<String> type,
            Optional<String> customer,
            Optional<String> price,
            Optional<Instant> from)
            implements MarketCall<Success> {
        static ChangeSupply read(ObjectNode call) {
            return new ChangeSupply(
                    Json.text(call, "computer_guid"),
                    Json.text(call, "software_release_uri"),
                    !Json.textOrEmpty(call, "state").equals("destroyed"),
                    Json.textIfAny(call, "software_type"),
                    Json.textIfAny(call, "customer"),
                    Json.textIfAny(call, "price"),
                    moment(call, "from"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.CHANGE_SUPPLY;
        }

        @Override
        public ObjectNode write() {
            var json = Json.object()
                    .put("computer_guid", computer)
                    .put("software_release_uri", release)
                    .put("state", isAllowed ? "available" : "destroyed");
            type.ifPresent(text -> json.put("software_type", text));
            customer.ifPresent(text -> json.put("customer", text));
            price.ifPresent(text -> json.put("price", text));
            from.ifPresent(at -> json.put("from", at.toString()));
            return json;
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    /// Says more of a product.
    ///
    /// @param alias     stands for its newest effective release
    /// @param weight    of the type
    /// @param effective from when on the release is
    record ChangeProduct(
            String title,
            Optional<String> alias,
            Optional<String> type,
            Optional<Integer> weight,
            Optional<String> release,
            Optional<Instant> effective)
            implements MarketCall<Success> {
        static ChangeProduct read(ObjectNode call) {
            return new ChangeProduct(
                    Json.text(call, "title"),
                    Json.textIfAny(call, "alias"),
                    Json.textIfAny(call, "software_type"),
                    call.has("weight") ? Optional.of(call.path("weight").asInt()) : Optional.empty(),
                    Json.textIfAny(call, "software_release_uri"),
                    moment(call, "effective_date"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.CHANGE_PRODUCT;
        }

        @Override
        public ObjectNode write() {
            var json = Json.object().put("title", title);
            alias.ifPresent(text -> json.put("alias", text));
            type.ifPresent(text -> json.put("software_type", text));
            weight.ifPresent(number -> json.put("weight", number));
            release.ifPresent(text -> json.put("software_release_uri", text));
            effective.ifPresent(at -> json.put("effective_date", at.toString()));
            return json;
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    /// What a request would do, without doing it.
    record Plan(InstanceRequest wanted) implements MarketCall<Document> {
        static Plan read(ObjectNode call) {
            return new Plan(InstanceCall.Request.read(call).wanted());
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.PLAN_INSTANCE;
        }

        @Override
        public ObjectNode write() {
            return new InstanceCall.Request(wanted).write();
        }

        @Override
        public Document answer(JsonNode answer) {
            return Document.read(answer);
        }
    }

    /// Why an instance is where it is, or waits.
    ///
    /// @param guid      `SOFTINST-n`
    /// @param computers of how many Computers it is said at most, those that nearly fit first
    record Explain(String guid, int computers) implements MarketCall<Document> {
        /// Of how many Computers it is said unless less is asked for.
        public static final int MOST = 1000;

        static Explain read(ObjectNode call) {
            return new Explain(
                    Json.text(call, "instance_guid"), call.path("computers").asInt(MOST));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.EXPLAIN_INSTANCE;
        }

        @Override
        public ObjectNode write() {
            return Json.object().put("instance_guid", guid).put("computers", computers);
        }

        @Override
        public Document answer(JsonNode answer) {
            return Document.read(answer);
        }
    }

    /// How many Computers are offered, and what looking for places has cost since the Master's start.
    record Figures() implements MarketCall<Document> {
        static Figures read(ObjectNode call) {
            return new Figures();
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.MARKET_FIGURES;
        }

        @Override
        public ObjectNode write() {
            return Json.object();
        }

        @Override
        public Document answer(JsonNode answer) {
            return Document.read(answer);
        }
    }

    /// Keeps instances of a SoftwareRelease and type ready before somebody asks for them.
    ///
    /// @param release an address or an alias
    /// @param project nothing = the only one of the person
    /// @param size    nothing = as past requests say, at most `most`
    record SetPool(String release, String type, Optional<String> project, Optional<Integer> size, int most)
            implements MarketCall<Document> {
        /// Unless another number is given.
        public static final int MOST = 10;

        static SetPool read(ObjectNode call) {
            return new SetPool(
                    Json.text(call, "software_release_uri"),
                    Json.textIfAny(call, "software_type").orElse(InstanceRequest.DEFAULT_TYPE),
                    Json.textIfAny(call, "project_guid"),
                    call.has("size") ? Optional.of(call.path("size").asInt()) : Optional.empty(),
                    call.path("most").asInt(MOST));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.SET_POOL;
        }

        @Override
        public ObjectNode write() {
            var json = Json.object()
                    .put("software_release_uri", release)
                    .put("software_type", type)
                    .put("most", most);
            project.ifPresent(text -> json.put("project_guid", text));
            size.ifPresent(number -> json.put("size", number));
            return json;
        }

        @Override
        public Document answer(JsonNode answer) {
            return Document.read(answer);
        }
    }

    /// The pools of a project.
    ///
    /// @param project nothing = the only one of the person
    record ListPools(Optional<String> project) implements MarketCall<Document> {
        static ListPools read(ObjectNode call) {
            return new ListPools(Json.textIfAny(call, "project_guid"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.LIST_POOLS;
        }

        @Override
        public ObjectNode write() {
            return inProject(project);
        }

        @Override
        public Document answer(JsonNode answer) {
            return Document.read(answer);
        }
    }

    /// For which time requests are counted.
    enum Period {
        MINUTE(Duration.ofMinutes(1)),
        HOUR(Duration.ofHours(1)),
        DAY(Duration.ofDays(1));

        private final Duration duration;

        Period(Duration duration) {
            this.duration = duration;
        }

        public Duration duration() {
            return duration;
        }

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// The one that is so long.
        public static Period of(Duration duration) {
            for (var period : values()) {
                if (period.duration.equals(duration)) {
                    return period;
                }
            }
            throw new IllegalArgumentException("no period is " + duration);
        }
    }

    /// Lets each requester of a project want so many new instances within a time.
    ///
    /// @param requests 0 = as many as they like
    /// @param project  nothing = the only one of the person
    record SetBrake(int requests, Period per, Optional<String> project) implements MarketCall<Document> {
        static SetBrake read(ObjectNode call) {
            return new SetBrake(
                    call.path("requests").asInt(),
                    Period.valueOf(Json.textIfAny(call, "per").orElse("hour").toUpperCase(Locale.ROOT)),
                    Json.textIfAny(call, "project_guid"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.SET_BRAKE;
        }

        @Override
        public ObjectNode write() {
            return inProject(project).put("requests", requests).put("per", per.wire());
        }

        @Override
        public Document answer(JsonNode answer) {
            return Document.read(answer);
        }
    }

    /// How many new instances each requester of a project may want.
    ///
    /// @param project nothing = the only one of the person
    record ShowBrake(Optional<String> project) implements MarketCall<Document> {
        static ShowBrake read(ObjectNode call) {
            return new ShowBrake(Json.textIfAny(call, "project_guid"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.GET_BRAKE;
        }

        @Override
        public ObjectNode write() {
            return inProject(project);
        }

        @Override
        public Document answer(JsonNode answer) {
            return Document.read(answer);
        }
    }

    private static ObjectNode inProject(Optional<String> project) {
        var json = Json.object();
        project.ifPresent(text -> json.put("project_guid", text));
        return json;
    }

    private static Optional<Instant> moment(ObjectNode call, String name) {
        return Json.textIfAny(call, name).map(text -> {
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException e) {
                throw new MalformedException(
                        "member '" + name + "' is '" + text + "', a moment such as 2027-01-01T00:00:00Z is expected",
                        e);
            }
        });
    }
}
