package org.slapos.master.http;

import java.io.IOException;

/// One way into the Master: decodes a call, calls one use-case, encodes the answer. Runs on a virtual thread of the
/// request's own, so it may block.
@FunctionalInterface
public interface Door {
    /// @throws org.slapos.protocol.MalformedException for a bad request: answered with 400 and its message
    /// @throws IOException when the broken world stopped it: answered with 500 and the request's id
    Answer answer(Call call) throws IOException;

    /// Whether the door knows the caller without a certificate, so that a long body is read for them too.
    ///
    /// @param head the call without its body, which is still to come
    default boolean knows(Call head) {
        return false;
    }
}
