package org.slapos.master.proxy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.Value;

/// A SoftwareInstance, as it stands in its partition.
///
/// @param requestedBy title of the root of its tree; empty for a root
/// @param parameters  as texts; an empty one is null on the wire
/// @param hosted      the SharedInstances that live in it; null while there was never one
record Instance(
        String title,
        String requestedBy,
        String release,
        String type,
        RequestedState state,
        Map<String, String> parameters,
        Map<String, String> connection,
        @Nullable List<Hosted> hosted) {
    /// The entry of a SharedInstance in its host.
    ///
    /// @param reference  `<root title of who asked>_<title>`
    /// @param parameters a marshalled dictionary: a shared instance's parameters keep their types
    record Hosted(String reference, String type, String parameters) {
        Value.Dictionary values() {
            return MarshalReader.read(parameters).asDictionary();
        }
    }

    Instance {
        parameters = Map.copyOf(parameters);
        connection = Map.copyOf(connection);
        hosted = hosted == null ? null : List.copyOf(hosted);
    }

    boolean isRoot() {
        return requestedBy.isEmpty();
    }

    /// The title of the root of its tree, which may be itself.
    String rootTitle() {
        return isRoot() ? title : requestedBy;
    }

    List<Hosted> hostedInstances() {
        return hosted == null ? List.of() : hosted;
    }

    Optional<Hosted> hosted(String reference) {
        return hostedInstances().stream()
                .filter(entry -> entry.reference().equals(reference))
                .findFirst();
    }

    Instance of(String newRelease) {
        return new Instance(title, requestedBy, newRelease, type, state, parameters, connection, hosted);
    }

    Instance named(String newTitle) {
        return new Instance(newTitle, requestedBy, release, type, state, parameters, connection, hosted);
    }

    Instance below(String newRootTitle) {
        return new Instance(title, newRootTitle, release, type, state, parameters, connection, hosted);
    }

    Instance in(RequestedState newState) {
        return new Instance(title, requestedBy, release, type, newState, parameters, connection, hosted);
    }

    Instance publishing(Map<String, String> newConnection) {
        return new Instance(title, requestedBy, release, type, state, parameters, newConnection, hosted);
    }

    Instance hosting(List<Hosted> newHosted) {
        return new Instance(title, requestedBy, release, type, state, parameters, connection, newHosted);
    }
}
