package org.slapos.master.proxy;

import java.util.Map;
import java.util.Optional;
import org.slapos.protocol.Form;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.MarshalWriter;
import org.slapos.protocol.marshal.Value;

/// A request for an instance. Other than in a request to the Master, parameters keep their types, and a state that is
/// not said leaves an instance as it is.
///
/// @param type  empty = `default` for a new instance, any for the host of a shared one
/// @param asker the partition that asks; empty = the user
record InstanceWanted(
        String release,
        String type,
        String title,
        boolean shared,
        Value.Dictionary parameters,
        Map<String, String> conditions,
        Optional<RequestedState> state,
        Optional<PartitionKey> asker) {
    private static final int MAX_TITLE = 200;
    private static final int MAX_URL = 2000;
    private static final int MAX_PARAMETERS = 1000;
    private static final Value.Dictionary NOTHING = new Value.Dictionary(Map.of());

    InstanceWanted {
        conditions = Map.copyOf(conditions);
        requireLength("software_release", release, 1, MAX_URL);
        requireLength("partition_reference", title, 1, MAX_TITLE);
        requireLength("software_type", type, 0, MAX_TITLE);
        if (parameters.entries().size() > MAX_PARAMETERS || conditions.size() > MAX_PARAMETERS) {
            throw new MalformedException("more than " + MAX_PARAMETERS + " parameters");
        }
    }

    /// @throws MalformedException when a field is missing, malformed or beyond its limit
    static InstanceWanted of(Form form) {
        return new InstanceWanted(
                form.required("software_release"),
                form.get("software_type").orElse(""),
                form.required("partition_reference"),
                form.get("shared_xml")
                        .map(MarshalReader::read)
                        .filter(value -> value instanceof Value.Bool(var shared) && shared)
                        .isPresent(),
                dictionary(form, "partition_parameter_xml"),
                dictionary(form, "filter_xml").storedTexts(),
                state(MarshalReader.read(form.required("state")).asText()),
                asker(form));
    }

    /// As a JSON method says it: by the user, always.
    ///
    /// @param parameters with their types, which the request has not
    static InstanceWanted of(InstanceRequest said, Value.Dictionary parameters) {
        return new InstanceWanted(
                said.softwareRelease(),
                said.softwareType(),
                said.reference(),
                said.shared(),
                parameters,
                said.filter(),
                said.state().or(() -> Optional.of(RequestedState.STARTED)),
                Optional.empty());
    }

    private static Optional<PartitionKey> asker(Form form) {
        var computer = form.get("computer_id").filter(id -> !id.isEmpty());
        var partition = form.get("computer_partition_id").filter(id -> !id.isEmpty());
        return computer.flatMap(id -> partition.map(reference -> new PartitionKey(id, reference)));
    }

    private static Optional<RequestedState> state(String word) {
        if (word.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(RequestedState.ofWire(word)
                .orElseThrow(() -> new MalformedException(
                        "unknown state '" + word + "': started, stopped or destroyed is expected")));
    }

    private static Value.Dictionary dictionary(Form form, String field) {
        return form.get(field)
                .map(text -> MarshalReader.read(text).asDictionary())
                .orElse(NOTHING);
    }

    private static void requireLength(String what, String text, int least, int most) {
        if (text.length() < least || text.length() > most) {
            throw new MalformedException(
                    what + " must have " + least + " to " + most + " characters, not " + text.length());
        }
    }

    InstanceWanted of(String otherRelease) {
        return new InstanceWanted(otherRelease, type, title, shared, parameters, conditions, state, asker);
    }

    /// The Computer on which it has to be.
    String computer(String defaultComputer) {
        return conditions.getOrDefault("computer_guid", defaultComputer);
    }

    /// Its entry in a host.
    Instance.Hosted entry(String reference) {
        return new Instance.Hosted(reference, type, MarshalWriter.write(parameters));
    }
}
