package org.slapos.master.proxy;

import java.util.Map;

/// A SharedInstance by its reference on its Computer. A request to destroy it takes it out of its host and leaves
/// this record, as the field knows it.
///
/// @param reference `<root title of who asked>_<title>`
/// @param askedBy   that root title; empty for a request by the user
/// @param hostedBy  reference of the ComputerPartition it lives in
record SharedInstance(
        String reference, String computer, String askedBy, String hostedBy, Map<String, String> connection) {
    /// What tells one from another.
    record Key(String reference, String computer) {}

    SharedInstance {
        connection = Map.copyOf(connection);
    }

    static String reference(String askedBy, String title) {
        return askedBy + "_" + title;
    }

    Key key() {
        return new Key(reference, computer);
    }

    String title() {
        return reference.substring(Math.min(reference.length(), askedBy.length() + 1));
    }

    PartitionKey host() {
        return new PartitionKey(computer, hostedBy);
    }

    SharedInstance publishing(Map<String, String> newConnection, String newHost) {
        return new SharedInstance(reference, computer, askedBy, newHost, newConnection);
    }
}
