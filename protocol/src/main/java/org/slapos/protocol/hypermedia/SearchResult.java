package org.slapos.protocol.hypermedia;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.jsonrpc.Json;

/// What a search found.
public record SearchResult(List<Row> rows) {
    /// How many rows are sent when the search says nothing of it.
    public static final int DEFAULT_LIMIT = 40;

    private static final String RELATIVE_URL = "relative_url";

    public SearchResult {
        rows = List.copyOf(rows);
    }

    /// One thing with the columns that were asked for, in that order.
    ///
    /// @param relativeUrl under which it is traversed; empty when the Master does not say
    public record Row(String relativeUrl, Map<String, JsonNode> columns) {
        public Row {
            columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
        }

        /// The column's text; nothing when there is no such column, or it is no string.
        public Optional<String> text(String column) {
            return Optional.ofNullable(columns.get(column)).map(JsonNode::textValue);
        }
    }

    /// @param query as it was asked
    public ObjectNode write(String query, List<String> columns, int limit) {
        var json = Json.object().put("_query", query).put("_limit", limit);
        var selected = json.putArray("_select_list");
        columns.forEach(selected::add);
        var contents = json.putObject("_embedded").putArray("contents");
        for (var row : rows) {
            var written = contents.addObject();
            written.putObject("_links").putObject("self").put("href", Link.of(row.relativeUrl()));
            row.columns().forEach(written::set);
        }
        return json;
    }

    /// @throws MalformedException when there is no list of rows
    public static SearchResult read(JsonNode json) {
        var contents = json.path("_embedded").path("contents");
        if (!contents.isArray()) {
            throw new MalformedException("the answer to a search has no '_embedded.contents'");
        }
        var rows = new ArrayList<Row>();
        for (var row : contents) {
            var columns = new LinkedHashMap<String, JsonNode>();
            row.properties().stream()
                    .filter(member -> !member.getKey().equals("_links"))
                    .forEach(member -> columns.put(member.getKey(), member.getValue()));
            var link = row.path("_links").path("self").path("href");
            rows.add(new Row(
                    row.path(RELATIVE_URL).isTextual()
                            ? row.path(RELATIVE_URL).textValue()
                            : Link.relativeUrl(link.asText("")),
                    columns));
        }
        return new SearchResult(rows);
    }
}
