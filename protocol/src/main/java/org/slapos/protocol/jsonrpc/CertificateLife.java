package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// When a certificate ends, and from when on it is to be renewed.
///
/// @param notAfter  RFC 3339
/// @param renewFrom RFC 3339; may be past
public record CertificateLife(String reference, String notAfter, String renewFrom) implements JsonAnswer {
    @Override
    public ObjectNode write() {
        return Json.object()
                .put("reference", reference)
                .put("not_after", notAfter)
                .put("renew_from", renewFrom);
    }

    static CertificateLife read(JsonNode answer) {
        return new CertificateLife(
                Json.text(answer, "reference"), Json.text(answer, "not_after"), Json.text(answer, "renew_from"));
    }
}
