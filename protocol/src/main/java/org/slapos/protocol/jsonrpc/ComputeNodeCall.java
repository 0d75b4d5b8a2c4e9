package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/// The calls about Computers.
public sealed interface ComputeNodeCall<A extends JsonAnswer> extends JsonCall<A> {
    record Status(String computer) implements ComputeNodeCall<StatusAnswer> {
        static Status read(ObjectNode call) {
            return new Status(computerOf(call));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.GET_COMPUTER_STATUS;
        }

        @Override
        public ObjectNode write() {
            return of(computer);
        }

        @Override
        public StatusAnswer answer(JsonNode answer) {
            return StatusAnswer.read(answer);
        }
    }

    /// The plain instances placed there.
    record Instances(String computer) implements ComputeNodeCall<ResultList<Rows.PlainInstance>> {
        static Instances read(ObjectNode call) {
            return new Instances(computerOf(call));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.LIST_INSTANCES;
        }

        @Override
        public ObjectNode write() {
            return of(computer);
        }

        @Override
        public ResultList<Rows.PlainInstance> answer(JsonNode answer) {
            return ResultList.read(answer, Rows.PlainInstance::read);
        }
    }

    /// The software wanted there, and what is to be removed.
    record Installations(String computer) implements ComputeNodeCall<ResultList<Rows.Installation>> {
        static Installations read(ObjectNode call) {
            return new Installations(computerOf(call));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.LIST_INSTALLATIONS;
        }

        @Override
        public ObjectNode write() {
            return of(computer);
        }

        @Override
        public ResultList<Rows.Installation> answer(JsonNode answer) {
            return ResultList.read(answer, Rows.Installation::read);
        }
    }

    /// Says which partitions a Computer has; those not named are taken away.
    record Format(String computer, List<FormattedPartition> partitions) implements ComputeNodeCall<Success> {
        public Format {
            partitions = List.copyOf(partitions);
        }

        static Format read(ObjectNode call) {
            return new Format(
                    computerOf(call), Json.items(call.path("compute_partition_list"), FormattedPartition::read));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.FORMAT_COMPUTER;
        }

        @Override
        public ObjectNode write() {
            var json = of(computer);
            var list = json.putArray("compute_partition_list");
            partitions.forEach(partition -> list.add(partition.write()));
            return json;
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    record Bang(String computer, String message) implements ComputeNodeCall<Success> {
        static Bang read(ObjectNode call) {
            return new Bang(computerOf(call), Json.text(call, "message"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.BANG_COMPUTER;
        }

        @Override
        public ObjectNode write() {
            return of(computer).put("message", message);
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    /// @param request PEM, for the Computer's own key; without one the Master makes the key. Beyond the protocol.
    record IssueCertificate(String computer, Optional<String> request) implements ComputeNodeCall<CertificatePair> {
        static IssueCertificate read(ObjectNode call) {
            return new IssueCertificate(computerOf(call), Json.textIfAny(call, CertificateCall.REQUEST));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.ISSUE_COMPUTER_CERTIFICATE;
        }

        @Override
        public ObjectNode write() {
            var call = of(computer);
            request.ifPresent(pem -> call.put(CertificateCall.REQUEST, pem));
            return call;
        }

        @Override
        public CertificatePair answer(JsonNode answer) {
            return CertificatePair.read(answer);
        }
    }

    /// Confirms that a Computer is gone. Beyond the protocol.
    record Lose(String computer) implements ComputeNodeCall<Success> {
        static Lose read(ObjectNode call) {
            return new Lose(Json.text(call, "computer_guid"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.LOSE_COMPUTER;
        }

        @Override
        public ObjectNode write() {
            return Json.object().put("computer_guid", computer);
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    record RevokeCertificate(String computer) implements ComputeNodeCall<Success> {
        static RevokeCertificate read(ObjectNode call) {
            return new RevokeCertificate(computerOf(call));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.REVOKE_COMPUTER_CERTIFICATE;
        }

        @Override
        public ObjectNode write() {
            return of(computer);
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    /// @param document TioXML
    record Usage(String computer, String document) implements ComputeNodeCall<Success> {
        static Usage read(ObjectNode call) {
            return new Usage(computerOf(call), Json.text(call, "tioxml"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.REPORT_USAGE;
        }

        @Override
        public ObjectNode write() {
            return of(computer).put("tioxml", document);
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    /// The Computers of the person who calls. Beyond the protocol.
    record Owned() implements ComputeNodeCall<ResultList<Rows.Computer>> {
        static Owned read(ObjectNode call) {
            return new Owned();
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.LIST_COMPUTERS;
        }

        @Override
        public ObjectNode write() {
            return Json.object();
        }

        @Override
        public ResultList<Rows.Computer> answer(JsonNode answer) {
            return ResultList.read(answer, Rows.Computer::read);
        }
    }

    private static String computerOf(ObjectNode call) {
        return Json.text(call, "computer_guid");
    }

    private static ObjectNode of(String computer) {
        return Json.object().put("computer_guid", computer);
    }
}
