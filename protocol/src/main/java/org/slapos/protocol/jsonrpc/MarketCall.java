package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
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
