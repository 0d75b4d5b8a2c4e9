package org.slapos.master.mail;

import java.io.IOException;

/// Where mail leaves the Master. Any thread.
@FunctionalInterface
public interface Mail {
    /// @throws IOException with one sentence, when it was not taken: try again later
    void send(Message message) throws IOException;
}
