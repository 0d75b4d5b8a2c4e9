package org.slapos.master;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.slapos.master.http.HttpServer;
import org.slapos.master.party.InviteFirstPerson;
import org.slapos.master.party.Requester;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.golden.Conversation;
import org.slapos.protocol.golden.Dialogue;
import org.slapos.protocol.golden.GoldenRun;

/// Our Master holds the golden conversations: each is sent byte by byte to its HTTP server, on a database of its own.
///
/// The clock stands at 08:00 for the first request, and a minute later for each that follows.
class GoldenTest {
    /// Masters that are kept: each holds a dozen connections, and the database of all tests has a hundred.
    private static final int AT_ONCE = 3;

    /// A refusal leaves no trace: all that are said after the same conversations are said to the same Master.
    private final Map<List<Conversation>, Server> refusing = new HashMap<>();

    @TestFactory
    @Tag("row:16")
    @Tag("row:21")
    @Tag("row:20")
    @Tag("row:66")
    Stream<DynamicTest> theMasterAnswersAsEachFileSays() throws IOException {
        return GoldenRun.tests("master", this::hold, "slap", "json", "hypermedia", "registration")
                .onClose(this::closeAll);
    }

    private void closeAll() {
        refusing.values().forEach(Server::close);
        refusing.clear();
    }

    private void hold(Conversation conversation, Map<String, Conversation> all) throws IOException {
        var before = conversation.before(all);
        if (conversation.isRefused()) {
            if (refusing.size() == AT_ONCE && !refusing.containsKey(before)) {
                closeAll();
            }
            refusing.computeIfAbsent(before, Server::after).dialogue.say(conversation);
            return;
        }
        try (var server = Server.after(before)) {
            server.dialogue.say(conversation);
        }
    }

    /// A Master behind plain HTTP, where whoever the conversation says is calling.
    private static final class Server implements AutoCloseable {
        private final TestTrades trades = new TestTrades();
        private final HttpServer http;
        private final Dialogue dialogue;
        private volatile Requester caller = new Requester.Anonymous("nobody has called yet");

        private Server() throws IOException {
            this.http = HttpServer.open(
                    new HttpServer.Settings("127.0.0.1", 0), Optional.empty(), _ -> caller, trades.mounts());
            var invitation = new InviteFirstPerson(
                            trades.database, trades.clock, new SecureRandom(), trades.authority())
                    .invite(false)
                    .orElseThrow();
            trades.clock.advance(Duration.ofMinutes(-1));
            this.dialogue = new Dialogue(
                    URI.create("http://127.0.0.1:" + http.address().getPort()),
                    this::next,
                    Map.of("token", invitation.text()));
        }

        static Server after(List<Conversation> before) {
            try {
                var server = new Server();
                try {
                    server.dialogue.say(before);
                } catch (IOException | AssertionError e) {
                    server.close();
                    throw e;
                }
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void next(String who) {
            caller = requester(who);
            trades.clock.advance(Duration.ofMinutes(1));
        }

        @Override
        public void close() {
            http.close();
            trades.close();
        }
    }

    private static Requester requester(String reference) {
        return switch (reference.split("-", -1)[0]) {
            case "PERSON" -> new Requester.Person(reference);
            case "COMP" -> new Requester.Computer(new ComputerId(reference));
            case "SOFTINST" -> new Requester.Instance(reference);
            default -> new Requester.Anonymous("no certificate was shown");
        };
    }
}
