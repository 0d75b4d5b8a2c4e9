package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/// The calls about certificates, whoever holds them. Beyond the protocol.
public sealed interface CertificateCall<A extends JsonAnswer> extends JsonCall<A> {
    /// When the caller's certificate ends, and when to renew it.
    record Own() implements CertificateCall<CertificateLife> {
        static Own read(ObjectNode call) {
            return new Own();
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.GET_CERTIFICATE;
        }

        @Override
        public ObjectNode write() {
            return Json.object();
        }

        @Override
        public CertificateLife answer(JsonNode answer) {
            return CertificateLife.read(answer);
        }
    }

    /// Another certificate for the caller, who shows one that works; both work for some days. The same request again is
    /// the same certificate again.
    ///
    /// @param request PEM; without one the Master makes the key
    record Renew(Optional<String> request) implements CertificateCall<CertificatePair> {
        static Renew read(ObjectNode call) {
            return new Renew(Json.textIfAny(call, REQUEST));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.RENEW_CERTIFICATE;
        }

        @Override
        public ObjectNode write() {
            var call = Json.object();
            request.ifPresent(pem -> call.put(REQUEST, pem));
            return call;
        }

        @Override
        public CertificatePair answer(JsonNode answer) {
            return CertificatePair.read(answer);
        }
    }

    /// The certificates of the caller, of their Computers and of the instances in their trees.
    ///
    /// @param all those that do not work any more, too
    record Listing(boolean all, int limit, int offset) implements CertificateCall<ResultList<Rows.Certificate>> {
        private static final int DEFAULT_LIMIT = 1000;

        static Listing read(ObjectNode call) {
            return new Listing(
                    call.path("all").asBoolean(),
                    call.path("limit").asInt(DEFAULT_LIMIT),
                    call.path("offset").asInt());
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.LIST_CERTIFICATES;
        }

        @Override
        public ObjectNode write() {
            return Json.object().put("all", all).put("limit", limit).put("offset", offset);
        }

        @Override
        public ResultList<Rows.Certificate> answer(JsonNode answer) {
            return ResultList.read(answer, Rows.Certificate::read);
        }
    }

    /// Ends one of those certificates at once.
    ///
    /// @param serial as a list has it
    record Revoke(String serial) implements CertificateCall<Success> {
        static Revoke read(ObjectNode call) {
            return new Revoke(Json.text(call, "serial"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.REVOKE_CERTIFICATE;
        }

        @Override
        public ObjectNode write() {
            return Json.object().put("serial", serial);
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    /// PEM, PKCS#10.
    String REQUEST = "certificate_signing_request";
}
