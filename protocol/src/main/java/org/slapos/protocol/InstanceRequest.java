package org.slapos.protocol;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// The fields of `requestComputerPartition`: what somebody wants of the Master (SLAP protocol).
///
/// @param reference the title under which the same request is found again
/// @param state     empty = leave it to the Master, which takes `started`
/// @param filter    the conditions (SLA): `computer_guid`, `region`...
/// @param from      the partition that asks; empty = whoever presents the certificate
public record InstanceRequest(
        String softwareRelease,
        String softwareType,
        String reference,
        boolean shared,
        Map<String, String> parameters,
        Map<String, String> filter,
        Optional<RequestedState> state,
        Optional<From> from,
        Optional<String> project) {
    /// The software type of a request that names none.
    public static final String DEFAULT_TYPE = "default";

    private static final int MAX_TITLE = 200;
    private static final int MAX_URL = 2000;
    private static final int MAX_PARAMETERS = 1000;

    public InstanceRequest {
        parameters = Map.copyOf(parameters);
        filter = Map.copyOf(filter);
        requireLength("partition_reference", reference, MAX_TITLE);
        requireLength("software_release", softwareRelease, MAX_URL);
        requireLength("software_type", softwareType, MAX_TITLE);
        if (parameters.size() > MAX_PARAMETERS || filter.size() > MAX_PARAMETERS) {
            throw new MalformedException("more than " + MAX_PARAMETERS + " parameters");
        }
    }

    public record From(ComputerId computer, PartitionId partition) {}

    /// A plain request for the default type, to be started, with no conditions.
    public static InstanceRequest started(String reference, String softwareRelease, Map<String, String> parameters) {
        return new InstanceRequest(
                softwareRelease,
                DEFAULT_TYPE,
                reference,
                false,
                parameters,
                Map.of(),
                Optional.of(RequestedState.STARTED),
                Optional.empty(),
                Optional.empty());
    }

    public Form toForm() {
        var fields = new LinkedHashMap<String, String>();
        fields.put("software_release", softwareRelease);
        fields.put("software_type", softwareType);
        fields.put("partition_reference", reference);
        fields.put("shared_xml", MarshalWriter.write(new Value.Bool(shared)));
        fields.put("partition_parameter_xml", MarshalWriter.write(Value.texts(parameters)));
        fields.put("filter_xml", MarshalWriter.write(Value.texts(filter)));
        fields.put(
                "state", MarshalWriter.write(state.map(s -> Value.of(s.wire())).orElse(Value.none())));
        from.ifPresent(requester -> {
            fields.put("computer_id", requester.computer().text());
            fields.put("computer_partition_id", requester.partition().text());
        });
        project.ifPresent(reference -> fields.put("project_reference", reference));
        return new Form(fields);
    }

    /// @throws MalformedException when a field is missing, malformed or beyond its limit
    public static InstanceRequest of(Form form) {
        var from = form.get("computer_id")
                .filter(id -> !id.isEmpty())
                .map(id -> new From(new ComputerId(id), new PartitionId(form.required("computer_partition_id"))));
        return new InstanceRequest(
                form.required("software_release"),
                form.get("software_type").filter(type -> !type.isEmpty()).orElse(DEFAULT_TYPE),
                form.required("partition_reference"),
                form.get("shared_xml")
                        .map(MarshalReader::read)
                        .filter(InstanceRequest::isTrue)
                        .isPresent(),
                dictionary(form, "partition_parameter_xml"),
                dictionary(form, "filter_xml"),
                form.get("state").map(MarshalReader::read).map(Value::asText).flatMap(InstanceRequest::state),
                from,
                form.get("project_reference").filter(project -> !project.isEmpty()));
    }

    private static boolean isTrue(Value value) {
        return switch (value) {
            case Value.Bool(var truth) -> truth;
            case Value.Int(var number) -> number.signum() != 0;
            case Value.None _ -> false;
            default -> throw new MalformedException("shared_xml must be a truth value");
        };
    }

    private static Optional<RequestedState> state(String word) {
        if (word.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(RequestedState.ofWire(word)
                .orElseThrow(() -> new MalformedException(
                        "unknown state '" + word + "': started, stopped or destroyed is expected")));
    }

    private static Map<String, String> dictionary(Form form, String field) {
        return form.get(field)
                .map(text -> (Map<String, String>)
                        MarshalReader.read(text).asDictionary().storedTexts())
                .orElse(Map.of());
    }

    private static void requireLength(String what, String text, int most) {
        if (text.isBlank() || text.length() > most) {
            throw new MalformedException(what + " must have 1 to " + most + " characters, not " + text.length());
        }
    }
}
