package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/// A SoftwareRelease on a Computer, with how its build stands.
///
/// @param reference `SOFTINSTALL-n`
/// @param state     wanted: `available` or `destroyed`
/// @param reported  the last reported state: `building`, `available` or empty
/// @param since     RFC 3339, of the first report of the kind in `status`
/// @param errorLog  the output of the last failed build; empty after a good one
public record Installation(
        String reference,
        String computer,
        String url,
        String state,
        String reported,
        String status,
        Optional<String> since,
        String errorLog)
        implements JsonAnswer {
    @Override
    public ObjectNode write() {
        return Json.object()
                .put("reference", reference)
                .put("computer_guid", computer)
                .put("software_release_uri", url)
                .put("state", state)
                .put("reported_state", reported)
                .put("access_status_message", status)
                .put("since", since.orElse(null))
                .put("error_log", errorLog);
    }

    static Installation read(JsonNode answer) {
        return new Installation(
                Json.text(answer, "reference"),
                Json.text(answer, "computer_guid"),
                Json.text(answer, "software_release_uri"),
                Json.textOrEmpty(answer, "state"),
                Json.textOrEmpty(answer, "reported_state"),
                Json.textOrEmpty(answer, "access_status_message"),
                Json.textIfAny(answer, "since"),
                Json.textOrEmpty(answer, "error_log"));
    }
}
