package org.slapos.master.hateoas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.slapos.protocol.hypermedia.SearchResult;

/// What the rows of one kind of thing can show.
///
/// @param relativeUrl under which one thing is traversed
record Columns<T>(Function<T, String> relativeUrl, Map<String, Function<T, JsonNode>> byName) {
    private static final String RELATIVE_URL = "relative_url";

    /// What a search shows that does not say.
    static final List<String> DEFAULT = List.of("title", RELATIVE_URL);

    /// A column that does not exist is null.
    SearchResult.Row row(T thing, List<String> selected) {
        var shown = new LinkedHashMap<String, JsonNode>();
        for (var name : selected) {
            shown.put(name, value(thing, name));
        }
        return new SearchResult.Row(relativeUrl.apply(thing), shown);
    }

    private JsonNode value(T thing, String name) {
        if (name.equals(RELATIVE_URL)) {
            return TextNode.valueOf(relativeUrl.apply(thing));
        }
        return byName.containsKey(name)
                ? Objects.requireNonNull(byName.get(name)).apply(thing)
                : NullNode.instance;
    }

    /// A column with a text.
    static <T> Function<T, JsonNode> text(Function<T, String> text) {
        return thing -> TextNode.valueOf(text.apply(thing));
    }
}
