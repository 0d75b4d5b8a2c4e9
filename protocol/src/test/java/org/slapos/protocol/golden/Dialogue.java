package org.slapos.protocol.golden;

import java.io.IOException;
import java.net.URI;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/// What is said to one server, in its order; answers fill in the blanks of later requests.
public final class Dialogue {
    private final URI server;
    private final Consumer<String> caller;
    private final Map<String, String> blanks;

    /// @param caller is told before each request who sends it
    /// @param known  what stands in the blanks of requests from the beginning
    public Dialogue(URI server, Consumer<String> caller, Map<String, String> known) {
        this.server = server;
        this.caller = caller;
        this.blanks = new HashMap<>(known);
    }

    /// Sends a request byte by byte, and checks its answer.
    public void say(Conversation conversation) throws IOException {
        caller.accept(conversation.as());
        blanks.putAll(conversation.check(conversation.send(server, blanks)));
    }

    public void say(Collection<Conversation> conversations) throws IOException {
        for (var conversation : conversations) {
            say(conversation);
        }
    }
}
