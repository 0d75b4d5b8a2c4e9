package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;

/// What nodes reported of an instance, in one word.
final class Status {
    private Status() {}

    /// `green` when something was well, `red` when something failed, `orange` for both, `none` without a report;
    /// `unsupported` when the Master does not tell.
    static String colour(JsonNode news) {
        if (!news.isObject()) {
            return "unsupported";
        }
        boolean well = false;
        boolean failed = false;
        for (var text : news.findValuesAsText("text")) {
            well |= text.startsWith("#access");
            failed |= text.startsWith("#error");
        }
        return well ? failed ? "orange" : "green" : failed ? "red" : "none";
    }

    /// What its nodes said last, the failures first; empty when nothing was said.
    static String message(JsonNode service) {
        var texts = service.path("news").findValuesAsText("text");
        return texts.stream()
                .filter(text -> text.startsWith("#error"))
                .findFirst()
                .or(() -> texts.stream().findFirst())
                .orElse("");
    }

    /// A requested state by its word on the wire: some Masters show the word that they have for it inside.
    static String state(String shown) {
        return switch (shown) {
            case "start_requested" -> "started";
            case "stop_requested" -> "stopped";
            case "destroy_requested" -> "destroyed";
            default -> shown;
        };
    }
}
