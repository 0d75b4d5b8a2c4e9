package org.slapos.protocol;

import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.marshal.Value;

/// A SoftwareRelease on a Computer: the address of its Buildout profile and what is wanted of it.
public record SoftwareInformation(String url, SoftwareState state) {
    Value toValue(ComputerId computer) {
        return document(url, computer, state);
    }

    static SoftwareInformation of(Value value) {
        var attributes = value.asObject("SoftwareRelease").attributes();
        var state = attributes.text("_requested_state").orElse("available");
        return new SoftwareInformation(
                urlOf(value),
                SoftwareState.ofWire(state)
                        .orElseThrow(() -> new MalformedException("unknown state of software: '" + state + "'")));
    }

    /// The wire form; without a state when it stands inside a partition.
    static Value document(String url, ComputerId computer, @Nullable SoftwareState state) {
        var attributes = new LinkedHashMap<String, Value>();
        attributes.put("_software_release", Value.of(url));
        attributes.put("_computer_guid", Value.of(computer.text()));
        attributes.put("_software_instance_list", Value.list(List.of()));
        if (state != null) {
            attributes.put("_requested_state", Value.of(state.wire()));
        }
        return new Value.SlapObject(
                "SoftwareRelease", List.of(Value.of(url), Value.of(computer.text())), new Value.Dictionary(attributes));
    }

    /// The URL in a release document, or the plain string that a forwarding proxy sends in its place.
    static String urlOf(Value release) {
        return release instanceof Value.SlapObject object
                ? object.attributes().requiredText("_software_release")
                : release.asText();
    }
}
