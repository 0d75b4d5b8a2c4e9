package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

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
}
