package org.slapos.protocol.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;

/// Our client holds the golden conversations: a call sends the bytes of the request, and understands the bytes of the
/// answer. [ClientCalls] has the call of each file.
class ClientGoldenTest {
    private final Map<String, ClientCalls.Call> calls = ClientCalls.byName();

    @TestFactory
    Stream<DynamicTest> theClientSendsAndReadsWhatEachFileSays() throws IOException {
        var all = Conversation.all("slap", "json", "hypermedia", "registration", "proxy");
        assertThat(all.keySet()).as("the files of the calls").containsAll(calls.keySet());
        return GoldenRun.tests(
                "client",
                (conversation, _) -> hold(conversation),
                "slap",
                "json",
                "hypermedia",
                "registration",
                "proxy");
    }

    private void hold(Conversation conversation) throws IOException, InterruptedException {
        var call = calls.containsKey(conversation.name())
                ? Optional.ofNullable(calls.get(conversation.name()))
                : ClientCalls.json(conversation);
        if (!conversation.isOfClient()) {
            assertThat(calls.keySet()).as("the file says: no client").doesNotContain(conversation.name());
            return;
        }
        assertThat(call)
                .as("%s has no call in ClientCalls", conversation.name())
                .isPresent();
        try (var server = new OneAnswerServer(conversation.answer());
                var client = SlapClient.open(new SlapClient.Settings(
                        server.url().resolve(conversation.name().startsWith("proxy/") ? "/" : "/slap"),
                        Optional.empty(),
                        Optional.empty()))) {
            var status = conversation.answer().status();
            if (status < 400 || status == 408) {
                call.orElseThrow().accept(client, server.url());
            } else {
                refused(conversation, catchThrowable(() -> call.orElseThrow().accept(client, server.url())));
            }
            conversation.checkRequest(server.request());
        }
    }

    private static void refused(Conversation conversation, Throwable thrown) {
        assertThat(thrown)
                .as(conversation.name())
                .isInstanceOfSatisfying(
                        SlapException.class,
                        e -> assertThat(e.kind()).as(conversation.name()).isEqualTo(kind(conversation.answer())));
    }

    private static SlapException.Kind kind(Message answer) {
        int status = answer.status();
        boolean isMissing = status == 404 || (status == 403 && answer.body().contains("-NOT-FOUND\""));
        return isMissing
                ? SlapException.Kind.NOT_FOUND
                : status == 401 || status == 403
                        ? SlapException.Kind.FORBIDDEN
                        : status < 500 ? SlapException.Kind.REFUSED : SlapException.Kind.SERVER_ERROR;
    }
}
