package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.SoftwareState;

/// The calls about a SoftwareRelease on a Computer.
public sealed interface InstallationCall<A extends JsonAnswer> extends JsonCall<A> {
    /// Wants it there, or gone.
    record Supply(String computer, String url, SoftwareState state) implements InstallationCall<Success> {
        static Supply read(ObjectNode call) {
            return new Supply(
                    computerOf(call),
                    urlOf(call),
                    Json.textIfAny(call, "state")
                            .map(word -> SoftwareState.ofWire(word)
                                    .orElseThrow(() -> new MalformedException("unknown state '" + word + "'")))
                            .orElse(SoftwareState.AVAILABLE));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.SUPPLY;
        }

        @Override
        public ObjectNode write() {
            return of(computer, url).put("state", state.wire());
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    /// What a node says of it.
    enum Reported {
        AVAILABLE,
        DESTROYED,
        BUILDING
    }

    record ReportState(String computer, String url, Reported reported) implements InstallationCall<Success> {
        static ReportState read(ObjectNode call) {
            return new ReportState(
                    computerOf(call),
                    urlOf(call),
                    Reported.valueOf(Json.text(call, "reported_state").toUpperCase(Locale.ROOT)));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.REPORT_INSTALLATION_STATE;
        }

        @Override
        public ObjectNode write() {
            return of(computer, url).put("reported_state", reported.name().toLowerCase(Locale.ROOT));
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    record ReportError(String computer, String url, String message) implements InstallationCall<Success> {
        static ReportError read(ObjectNode call) {
            return new ReportError(computerOf(call), urlOf(call), Json.text(call, "message"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.REPORT_INSTALLATION_ERROR;
        }

        @Override
        public ObjectNode write() {
            return of(computer, url).put("message", message);
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    /// Its build's status and the output of its last failed build. Beyond the protocol.
    record Get(String computer, String url) implements InstallationCall<Installation> {
        static Get read(ObjectNode call) {
            return new Get(computerOf(call), urlOf(call));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.GET_INSTALLATION;
        }

        @Override
        public ObjectNode write() {
            return of(computer, url);
        }

        @Override
        public Installation answer(JsonNode answer) {
            return Installation.read(answer);
        }
    }

    private static String computerOf(ObjectNode call) {
        return Json.text(call, "computer_guid");
    }

    private static String urlOf(ObjectNode call) {
        return Json.text(call, "software_release_uri");
    }

    private static ObjectNode of(String computer, String url) {
        return Json.object().put("computer_guid", computer).put("software_release_uri", url);
    }
}
