package org.slapos.master.proxy;

/// A call that proxy mode does not do, with the reason for the caller. Thrown inside this room only: a change that
/// ends with it leaves nothing behind, and each door answers its own status.
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What a door needs to know. SLAP v1 and the JSON methods answer different statuses, and both are kept as the
    /// Python slapproxy has them.
    enum Kind {
        /// Nothing fits the request.
        NOT_FOUND(404, 403),
        /// The Computer, ComputerPartition or instance that is named does not exist.
        UNKNOWN(500, 403),
        /// A method that proxy mode has not.
        NO_METHOD(404, 404),
        /// A Master that the configuration does not name.
        UNKNOWN_MASTER(404, 500),
        /// A value that is no value of its kind.
        INVALID(500, 400),
        /// Another Master accepted the request and is not ready.
        NOT_READY(408, 200),
        /// Another Master, or a disk, failed.
        FAILED(500, 500);

        private final int slapStatus;
        private final int jsonStatus;

        Kind(int slapStatus, int jsonStatus) {
            this.slapStatus = slapStatus;
            this.jsonStatus = jsonStatus;
        }

        int slapStatus() {
            return slapStatus;
        }

        int jsonStatus() {
            return jsonStatus;
        }
    }

    private final Kind kind;

    Refusal(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    String reason() {
        return String.valueOf(getMessage());
    }

    static Refusal notFound(String message) {
        return new Refusal(Kind.NOT_FOUND, message);
    }

    static Refusal noSuchMethod(String name) {
        return new Refusal(Kind.NO_METHOD, "Proxy mode has no method '" + name + "'");
    }

    static Refusal unknownComputer(String computer) {
        return new Refusal(
                Kind.UNKNOWN,
                "Computer '" + computer + "' is not registered: let its node be formatted (slapos node format) first.");
    }

    static Refusal unknownPartition(PartitionKey key) {
        return new Refusal(
                Kind.UNKNOWN,
                "Computer '" + key.computer() + "' has no ComputerPartition '" + key.partition()
                        + "': let its node be formatted (slapos node format) again.");
    }
}
