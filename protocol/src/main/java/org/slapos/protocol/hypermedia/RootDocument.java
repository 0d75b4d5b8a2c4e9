package org.slapos.protocol.hypermedia;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.jsonrpc.Json;

/// What a client reads first.
///
/// @param self     its own address, when the Master says it
/// @param search   takes `query`, `select_list` and `limit`
/// @param traverse takes `relative_url` and `view`
/// @param me       `relative_url` of who is calling, when the Master says it
public record RootDocument(Optional<String> self, UriTemplate search, UriTemplate traverse, Optional<String> me) {
    public ObjectNode write() {
        var json = Json.object();
        var links = json.putObject("_links");
        self.ifPresent(url -> links.putObject("self").put("href", url));
        links.putObject("raw_search").put("href", search.text()).put("templated", true);
        links.putObject("traverse").put("href", traverse.text()).put("templated", true);
        me.ifPresent(url -> links.putObject("me").put("href", Link.of(url)));
        return json;
    }

    /// @throws MalformedException when a template is missing
    public static RootDocument read(JsonNode json) {
        return new RootDocument(
                href(json, "self"),
                new UriTemplate(required(json, "raw_search")),
                new UriTemplate(required(json, "traverse")),
                href(json, "me").map(Link::relativeUrl));
    }

    private static String required(JsonNode json, String link) {
        return href(json, link)
                .orElseThrow(() -> new MalformedException("the root document has no link '" + link + "'"));
    }

    private static Optional<String> href(JsonNode json, String link) {
        return Optional.ofNullable(json.path("_links").path(link).path("href").textValue());
    }
}
