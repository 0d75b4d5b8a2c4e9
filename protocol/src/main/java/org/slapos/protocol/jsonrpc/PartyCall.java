package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A call about people, organisations, projects, networks, functions, tokens, sessions or the audit trail: its members
/// as they travel. Beyond the protocol.
public record PartyCall(JsonMethod method, ObjectNode members) implements JsonCall<Document> {
    /// A text that must be there.
    public String text(String name) {
        return Json.text(members, name);
    }

    /// A text that may be there; an empty one counts as missing.
    public Optional<String> textIfAny(String name) {
        return Json.textIfAny(members, name).filter(text -> !text.isEmpty());
    }

    public int number(String name, int otherwise) {
        return members.path(name).asInt(otherwise);
    }

    /// An object of texts; empty when it is missing.
    public Map<String, String> texts(String name) {
        return new LinkedHashMap<>(Json.texts(members, name));
    }

    @Override
    public ObjectNode write() {
        return members.deepCopy();
    }

    @Override
    public Document answer(JsonNode answer) {
        return Document.read(answer);
    }
}
