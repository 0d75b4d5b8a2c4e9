package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// A certificate and its key, both PEM; a Master that has none answers empty texts.
public record CertificatePair(String certificate, String key) implements JsonAnswer {
    @Override
    public ObjectNode write() {
        return Json.object().put("certificate", certificate).put("key", key);
    }

    static CertificatePair read(JsonNode answer) {
        return new CertificatePair(Json.text(answer, "certificate"), Json.text(answer, "key"));
    }

    @Override
    public String toString() {
        return "CertificatePair[certificate=" + certificate + ", key=*****]";
    }
}
