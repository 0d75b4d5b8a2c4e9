package org.slapos.protocol.jsonrpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.RequestedState;

/// The calls about instances and their trees.
public sealed interface InstanceCall<A extends JsonAnswer> extends JsonCall<A> {
    /// Asks for an instance on behalf of whoever presents the certificate: a person for a tree, an instance for
    /// another one of its tree.
    record Request(InstanceRequest wanted) implements InstanceCall<InstanceAnswer> {
        /// The only condition that is a number on the wire.
        private static final String RETENTION_DELAY = "retention_delay";

        static Request read(ObjectNode call) {
            return new Request(new InstanceRequest(
                    Json.text(call, "software_release_uri"),
                    Json.text(call, "software_type"),
                    Json.text(call, "title"),
                    call.path("shared").asBoolean(),
                    Json.pythonTexts(call, "parameters"),
                    conditions(call),
                    Json.textIfAny(call, "state").map(Instance::state),
                    Optional.empty(),
                    Optional.empty()));
        }

        private static Map<String, String> conditions(ObjectNode call) {
            for (var condition : call.path("sla_parameters").properties()) {
                boolean isNumber = condition.getKey().equals(RETENTION_DELAY);
                if (isNumber
                        ? !condition.getValue().isNumber()
                        : !condition.getValue().isTextual()) {
                    throw new MalformedException("member '" + condition.getKey() + "' of sla_parameters must be "
                            + (isNumber ? "a number" : "a string"));
                }
            }
            return Json.pythonTexts(call, "sla_parameters");
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.REQUEST_INSTANCE;
        }

        @Override
        public ObjectNode write() {
            var json = Json.object()
                    .put("title", wanted.reference())
                    .put("software_release_uri", wanted.softwareRelease())
                    .put("software_type", wanted.softwareType())
                    .put("state", wanted.state().orElse(RequestedState.STARTED).wire())
                    .put("shared", wanted.shared());
            Json.put(json, "parameters", wanted.parameters());
            var conditions = json.putObject("sla_parameters");
            wanted.filter().forEach(conditions::put);
            var delay = wanted.filter().get(RETENTION_DELAY);
            if (delay != null) {
                conditions.put(RETENTION_DELAY, decimal(delay));
            }
            wanted.project().ifPresent(project -> conditions.put("project_guid", project));
            return json;
        }

        private static BigDecimal decimal(String text) {
            try {
                return new BigDecimal(text);
            } catch (NumberFormatException e) {
                throw new MalformedException(RETENTION_DELAY + " must be a number of days, not '" + text + "'", e);
            }
        }

        @Override
        public InstanceAnswer answer(JsonNode answer) {
            return InstanceAnswer.read(answer);
        }
    }

    record Get(String guid) implements InstanceCall<Instance> {
        static Get read(ObjectNode call) {
            return new Get(guidOf(call));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.GET_INSTANCE;
        }

        @Override
        public ObjectNode write() {
            return of(guid);
        }

        @Override
        public Instance answer(JsonNode answer) {
            return Instance.read(answer);
        }
    }

    /// The plain instance in a partition.
    record OnPartition(String computer, String partition) implements InstanceCall<Instance> {
        static OnPartition read(ObjectNode call) {
            return new OnPartition(Json.text(call, "computer_guid"), Json.text(call, "compute_partition_id"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.GET_PARTITION;
        }

        @Override
        public ObjectNode write() {
            return Json.object().put("computer_guid", computer).put("compute_partition_id", partition);
        }

        @Override
        public Instance answer(JsonNode answer) {
            return Instance.read(answer);
        }
    }

    /// The root of a tree of the person who calls.
    record Root(String title) implements InstanceCall<InstanceAnswer> {
        static Root read(ObjectNode call) {
            return new Root(Json.text(call, "title"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.GET_TREE;
        }

        @Override
        public ObjectNode write() {
            return Json.object().put("title", title);
        }

        @Override
        public InstanceAnswer answer(JsonNode answer) {
            return InstanceAnswer.read(answer);
        }
    }

    /// The trees of the person who calls, by title.
    record Trees() implements InstanceCall<ResultList<Rows.Tree>> {
        static Trees read(ObjectNode call) {
            return new Trees();
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.LIST_TREES;
        }

        @Override
        public ObjectNode write() {
            return Json.object();
        }

        @Override
        public ResultList<Rows.Tree> answer(JsonNode answer) {
            return ResultList.read(answer, Rows.Tree::read);
        }
    }

    /// The shared instances that live in this one.
    record HostedBy(String guid) implements InstanceCall<ResultList<Rows.SharedInstance>> {
        static HostedBy read(ObjectNode call) {
            return new HostedBy(guidOf(call));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.LIST_SHARED_INSTANCES;
        }

        @Override
        public ObjectNode write() {
            return of(guid);
        }

        @Override
        public ResultList<Rows.SharedInstance> answer(JsonNode answer) {
            return ResultList.read(answer, Rows.SharedInstance::read);
        }
    }

    record Certificate(String guid) implements InstanceCall<CertificatePair> {
        static Certificate read(ObjectNode call) {
            return new Certificate(guidOf(call));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.GET_INSTANCE_CERTIFICATE;
        }

        @Override
        public ObjectNode write() {
            return of(guid);
        }

        @Override
        public CertificatePair answer(JsonNode answer) {
            return CertificatePair.read(answer);
        }
    }

    /// Replaces what an instance, plain or shared, publishes.
    record Publish(String guid, Map<String, String> connection) implements InstanceCall<Success> {
        public Publish {
            connection = Map.copyOf(connection);
        }

        static Publish read(ObjectNode call) {
            return new Publish(guidOf(call), Json.pythonTexts(call, "connection_parameter_dict"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.PUBLISH_CONNECTION;
        }

        @Override
        public ObjectNode write() {
            var json = of(guid);
            Json.put(json, "connection_parameter_dict", connection);
            return json;
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    /// Says where an instance keeps its backup. Beyond the protocol.
    ///
    /// @param url empty = it keeps none
    record BackUp(String guid, String url) implements InstanceCall<Success> {
        static BackUp read(ObjectNode call) {
            return new BackUp(guidOf(call), Json.text(call, "backup_url"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.BACK_UP_INSTANCE;
        }

        @Override
        public ObjectNode write() {
            return of(guid).put("backup_url", url);
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    record ReportState(String guid, RequestedState reported) implements InstanceCall<Success> {
        static ReportState read(ObjectNode call) {
            return new ReportState(guidOf(call), Instance.state(Json.text(call, "reported_state")));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.REPORT_INSTANCE_STATE;
        }

        @Override
        public ObjectNode write() {
            return of(guid).put("reported_state", reported.wire());
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    record ReportError(String guid, String message) implements InstanceCall<Success> {
        static ReportError read(ObjectNode call) {
            return new ReportError(guidOf(call), Json.text(call, "message"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.REPORT_INSTANCE_ERROR;
        }

        @Override
        public ObjectNode write() {
            return of(guid).put("message", message);
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    record Bang(String guid, String message) implements InstanceCall<Success> {
        static Bang read(ObjectNode call) {
            return new Bang(guidOf(call), Json.text(call, "message"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.BANG_INSTANCE;
        }

        @Override
        public ObjectNode write() {
            return of(guid).put("message", message);
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    record Rename(String guid, String title) implements InstanceCall<Success> {
        static Rename read(ObjectNode call) {
            return new Rename(guidOf(call), Json.text(call, "title"));
        }

        @Override
        public JsonMethod method() {
            return JsonMethod.RENAME_INSTANCE;
        }

        @Override
        public ObjectNode write() {
            return of(guid).put("title", title);
        }

        @Override
        public Success answer(JsonNode answer) {
            return Success.read(answer);
        }
    }

    private static String guidOf(ObjectNode call) {
        return Json.text(call, "instance_guid");
    }

    private static ObjectNode of(String guid) {
        return Json.object().put("instance_guid", guid);
    }
}
