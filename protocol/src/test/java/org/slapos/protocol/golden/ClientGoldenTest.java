package org.slapos.protocol.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;

/// Our client holds the golden conversations: a call sends the bytes of the request, and understands the bytes of the
/// answer. [ClientCalls] and [HypermediaCalls] have the call of each file.
class ClientGoldenTest {
    private static final String[] FOLDERS = {"slap", "json", "hypermedia", "registration", "proxy"};

    private final Map<String, ClientCalls.Call> calls = ClientCalls.byName();
    private final Map<String, HypermediaCalls.Walk> walks = HypermediaCalls.byName();

    @TestFactory
    Stream<DynamicTest> theClientSendsAndReadsWhatEachFileSays() throws IOException {
        var all = Conversation.all(FOLDERS);
        assertThat(all.keySet()).as("the files of the calls").containsAll(calls.keySet());
        assertThat(all.keySet()).as("the files of the walks").containsAll(walks.keySet());
        return GoldenRun.tests("client", this::hold, FOLDERS);
    }

    private void hold(Conversation conversation, Map<String, Conversation> all)
            throws IOException, InterruptedException {
        var name = conversation.name();
        var walk = walks.get(name);
        var call = walk == null
                ? Optional.ofNullable(calls.get(name)).or(() -> ClientCalls.json(conversation))
                : Optional.<ClientCalls.Call>of(walk::from);
        if (!conversation.isOfClient()) {
            assertThat(calls.keySet()).as("the file says: no client").doesNotContain(name);
            assertThat(walks.keySet()).as("the file says: no client").doesNotContain(name);
            return;
        }
        assertThat(call).as("%s has no call", name).isPresent();
        var said = walk == null
                ? List.of(conversation)
                : walk.conversations().stream().map(all::get).toList();
        hold(conversation, said, call.orElseThrow());
    }

    private static void hold(Conversation conversation, List<Conversation> said, ClientCalls.Call call)
            throws IOException, InterruptedException {
        boolean isProxy = conversation.name().startsWith("proxy/");
        try (var server = new AnswersServer(
                        said.stream().map(Conversation::answer).toList(),
                        isProxy ? "search&query={query}&select_list={select_list}" : "search{&query,select_list,limit}",
                        isProxy ? "traverse&relative_url={relative_url}&view={view}" : "traverse{&relative_url,view}");
                var client = SlapClient.open(new SlapClient.Settings(
                        server.url().resolve(isProxy ? "/" : "/slap"), Optional.empty(), Optional.empty()))) {
            if (conversation.isRefused()) {
                refused(conversation, catchThrowable(() -> call.accept(client, server.url())));
            } else {
                call.accept(client, server.url());
            }
            var requests = server.requests();
            for (int i = 0; i < said.size(); i++) {
                said.get(i).checkRequest(requests.get(i));
            }
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
