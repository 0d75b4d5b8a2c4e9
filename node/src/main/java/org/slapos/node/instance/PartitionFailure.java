package org.slapos.node.instance;

/// A partition that cannot be brought to what is wanted; the message is for the Master and says what to do.
final class PartitionFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PartitionFailure(String message) {
        super(message);
    }
}
