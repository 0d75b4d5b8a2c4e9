package org.slapos.protocol.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// One request and its answer, as a file below `src/test/golden` tells them (its README describes the format).
///
/// @param name  path below that folder without `.http`
/// @param notes what stands before the request: `rule`, `given`, `as`, `client`
public record Conversation(String name, Map<String, String> notes, Message request, Message answer) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SEPARATOR = "\n=====\n";
    private static final int PATIENCE_MILLISECONDS = 20_000;

    /// All conversations of some folders, by name.
    public static Map<String, Conversation> all(String... folders) throws IOException {
        var root = folder();
        var all = new TreeMap<String, Conversation>();
        for (var folder : folders) {
            try (var files = Files.list(root.resolve(folder))) {
                for (var file : files.toList()) {
                    var name = root.relativize(file).toString().replaceFirst("\\.http$", "");
                    all.put(name, parse(name, Files.readString(file, StandardCharsets.ISO_8859_1)));
                }
            }
        }
        return all;
    }

    /// The names that `not-yet.txt` lists for one runner: `client`, `master` or `proxy`.
    public static Set<String> notYet(String runner) throws IOException {
        var names = new LinkedHashSet<String>();
        for (var line : Files.readAllLines(folder().resolve("not-yet.txt"))) {
            if (line.startsWith(runner + " ")) {
                names.add(line.split(" ", -1)[1]);
            }
        }
        return names;
    }

    /// The folder with the files, from this module or from one beside it.
    public static Path folder() {
        var here = Path.of("src/test/golden");
        return Files.isDirectory(here) ? here : Path.of("../protocol/src/test/golden");
    }

    private static Conversation parse(String name, String text) {
        var notes = new TreeMap<String, String>();
        var rest = text;
        while (rest.startsWith("# ")) {
            int end = rest.indexOf('\n');
            int colon = rest.indexOf(": ");
            notes.merge(rest.substring(2, colon), rest.substring(colon + 2, end), (a, b) -> a + " " + b);
            rest = rest.substring(end + 1);
        }
        int separator = rest.indexOf(SEPARATOR);
        if (separator < 0 || !rest.endsWith("\n") || !notes.keySet().equals(Set.of("rule", "given", "as", "client"))) {
            throw new IllegalArgumentException(name + ": four notes, a request, =====, an answer and a line feed");
        }
        return new Conversation(
                name,
                notes,
                message(rest.substring(0, separator)),
                message(rest.substring(separator + SEPARATOR.length(), rest.length() - 1)));
    }

    private static Message message(String text) {
        int end = text.indexOf("\n\n");
        var head = Message.ofHead(end < 0 ? text : text.substring(0, end));
        return new Message(head.line(), head.headers(), end < 0 ? "" : text.substring(end + 2));
    }

    /// The reference of who sends the request; `nobody` for an unknown one.
    public String as() {
        return notes.getOrDefault("as", "");
    }

    /// Whether our client can send the request.
    public boolean isOfClient() {
        return "yes".equals(notes.get("client"));
    }

    /// Whether the answer is a refusal, which leaves no trace. (408 is none: who waits is remembered.)
    public boolean isRefused() {
        return answer.status() >= 400 && answer.status() != 408;
    }

    /// What has to be said before, in order, with what that needs in turn.
    public List<Conversation> before(Map<String, Conversation> all) {
        var before = new LinkedHashMap<String, Conversation>();
        for (var needed : notes.getOrDefault("given", "").split(", ", -1)) {
            if (!needed.equals("nothing")) {
                var conversation = Optional.ofNullable(all.get(needed))
                        .orElseThrow(() -> new IllegalArgumentException(name + " needs " + needed + ": no such file"));
                conversation.before(all).forEach(c -> before.put(c.name, c));
                before.put(needed, conversation);
            }
        }
        return List.copyOf(before.values());
    }

    /// Sends the request to an HTTP server, byte by byte, and reads its answer.
    ///
    /// @param known what earlier answers held in their blanks
    public Message send(URI server, Map<String, String> known) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), PATIENCE_MILLISECONDS);
            socket.setSoTimeout(PATIENCE_MILLISECONDS);
            var sent = request.with("host", server.getAuthority()).with("connection", "close");
            socket.getOutputStream().write(sent.bytes(known));
            return Message.read(socket.getInputStream());
        }
    }

    /// Compares a request with the one in the file: its line, the headers named there, and the body; a form byte by
    /// byte, JSON by value.
    void checkRequest(Message actual) throws IOException {
        assertThat(Blanks.match(request.line(), actual.line()))
                .as("%s: %s instead of %s", name, actual.line(), request.line())
                .isPresent();
        compareRest(request, actual);
    }

    /// Compares an answer with the one in the file: status, the headers named there, and the body; XML byte by byte,
    /// JSON by value. Of hypermedia the members that the file names count, others may stand beside them.
    ///
    /// @return what its blanks hold
    public Map<String, String> check(Message actual) throws IOException {
        assertThat(actual.status())
                .as("%s: status; the body is: %s", name, actual.body())
                .isEqualTo(answer.status());
        return compareRest(answer, actual);
    }

    private Map<String, String> compareRest(Message expected, Message actual) throws IOException {
        var found = new TreeMap<String, String>();
        expected.headers().forEach((header, template) -> {
            var value = actual.headers().getOrDefault(header, "(absent)");
            var match = Blanks.match(template, value);
            assertThat(match).as("%s: %s: %s", name, header, value).isPresent();
            found.putAll(match.orElseThrow());
        });
        if (expected.isJson()) {
            boolean isHypermedia = name.contains("hypermedia/") || name.contains("/hateoas.");
            found.putAll(compare(isHypermedia, "", json(expected), json(actual)));
        } else {
            var match = Blanks.match(expected.body(), actual.body());
            if (match.isEmpty()) {
                assertThat(actual.body()).as(name).isEqualTo(expected.body());
            }
            found.putAll(match.orElseThrow());
        }
        return found;
    }

    private Map<String, String> compare(boolean isHypermedia, String where, JsonNode expected, JsonNode actual) {
        var found = new TreeMap<String, String>();
        boolean isNumber = actual.isNumber() && expected.asText().startsWith("{{");
        if (expected.isTextual() && (actual.isTextual() || isNumber)) {
            var match = Blanks.match(expected.textValue(), actual.asText());
            assertThat(match)
                    .as("%s: %s: '%s' instead of '%s'", name, where, actual.asText(), expected.textValue())
                    .isPresent();
            found.putAll(match.orElseThrow());
        } else if (expected.isObject() && actual.isObject()) {
            var members = assertThat(names(actual)).as("%s: members of '%s' in %s", name, where, actual);
            if (isHypermedia) {
                members.containsAll(names(expected));
            } else {
                members.containsExactlyInAnyOrderElementsOf(names(expected));
            }
            expected.properties()
                    .forEach(member -> found.putAll(compare(
                            isHypermedia,
                            where + "/" + member.getKey(),
                            member.getValue(),
                            actual.path(member.getKey()))));
        } else if (expected.isArray() && actual.isArray()) {
            assertThat(actual)
                    .as("%s: items of '%s' in %s", name, where, actual)
                    .hasSameSizeAs(expected);
            for (int i = 0; i < expected.size(); i++) {
                found.putAll(compare(isHypermedia, where + "/" + i, expected.get(i), actual.get(i)));
            }
        } else {
            assertThat(actual).as("%s: %s", name, where).isEqualTo(expected);
        }
        return found;
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    private JsonNode json(Message message) {
        try {
            return JSON.readTree(message.body().getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new AssertionError(name + ": this is not JSON: " + message.body(), e);
        }
    }
}
