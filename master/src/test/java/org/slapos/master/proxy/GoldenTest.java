package org.slapos.master.proxy;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.slapos.protocol.golden.Conversation;
import org.slapos.protocol.golden.Dialogue;
import org.slapos.protocol.golden.GoldenRun;

/// Proxy mode holds the golden conversations with a proxy: each is sent byte by byte to one of its own.
class GoldenTest {
    @TestFactory
    Stream<DynamicTest> theProxyAnswersAsEachFileSays() throws IOException {
        return GoldenRun.tests("proxy", GoldenTest::hold, "proxy");
    }

    private static void hold(Conversation conversation, Map<String, Conversation> all) throws IOException {
        try (var proxy = TestProxy.open()) {
            var dialogue = new Dialogue(proxy.url(), _ -> proxy.advance(Duration.ofMinutes(1)), Map.of());
            dialogue.say(conversation.before(all));
            dialogue.say(conversation);
        }
    }
}
