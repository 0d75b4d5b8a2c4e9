package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/// The calls about the Master itself.
public sealed interface MasterCall<A extends JsonAnswer> extends JsonCall<A> {
    /// Where the hypermedia API begins.
    record GetHateoasUrl() implements MasterCall<HateoasUrl> {
        static GetHateoasUrl read(ObjectNode call) {
            return new GetHateoasUrl();
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.GET_HATEOAS_URL;
        }

        @Override
        public ObjectNode write() {
            return Json.object();
        }

        @Override
        public HateoasUrl answer(JsonNode answer) {
            return HateoasUrl.read(answer);
        }
    }

    /// A one-time token with which a machine becomes a Computer of the person who calls. Beyond the protocol.
    ///
    /// @param project nothing = the only one that the person is in
    record CreateComputerToken(Optional<String> project) implements MasterCall<ComputerToken> {
        static CreateComputerToken read(ObjectNode call) {
            return new CreateComputerToken(Json.textIfAny(call, "project_guid").filter(text -> !text.isEmpty()));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.CREATE_COMPUTER_TOKEN;
        }

        @Override
        public ObjectNode write() {
            var json = Json.object();
            project.ifPresent(reference -> json.put("project_guid", reference));
            return json;
        }

        @Override
        public ComputerToken answer(JsonNode answer) {
            return ComputerToken.read(answer);
        }
    }

    /// What the person who calls delivered or got, the newest first. Beyond the protocol.
    record Movements(int limit, int offset) implements MasterCall<MovementList> {
        private static final int DEFAULT_LIMIT = 100;

        static Movements read(ObjectNode call) {
            return new Movements(
                    call.path("limit").asInt(DEFAULT_LIMIT), call.path("offset").asInt());
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.LIST_MOVEMENTS;
        }

        @Override
        public ObjectNode write() {
            return Json.object().put("limit", limit).put("offset", offset);
        }

        @Override
        public MovementList answer(JsonNode answer) {
            return MovementList.read(answer);
        }
    }
}
