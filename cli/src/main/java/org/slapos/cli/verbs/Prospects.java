package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;

/// Shows what the Master says of where something would go, or why it waits.
final class Prospects {
    private static final int SHOWN = 50;

    private Prospects() {}

    /// In a sentence: where it is or would go and for how much, or what it waits for.
    static String sentence(JsonNode answer) {
        var title = Visible.line(answer.path("title").asText());
        return switch (answer.path("outcome").asText()) {
            case "placed" -> title + " is on " + answer.path("computer_guid").asText() + " and stays there.";
            case "place" ->
                title
                        + (answer.path("spare").asBoolean() ? " would get a spare that runs on " : " would go to ")
                        + answer.path("computer_guid").asText() + ", "
                        + answer.path("price").asText() + "; " + runnerUp(answer.path("runner_up")) + ".";
            default ->
                title + " would wait: " + Visible.line(answer.path("reason").asText()) + "\n" + cheapest(answer);
        };
    }

    private static String runnerUp(JsonNode other) {
        return other.isMissingNode()
                ? "nothing else fits"
                : "the runner-up is " + other.path("computer_guid").asText() + ", "
                        + other.path("price").asText();
    }

    private static String cheapest(JsonNode answer) {
        var first = answer.path("changes").path(0);
        return first.isMissingNode()
                ? "no single change would help"
                : "cheapest change: " + Visible.line(first.path("change").asText()) + " ("
                        + first.path("computer_guid").asText() + ")";
    }

    /// One line for each Computer, and how many there are of each verdict.
    static Table table(JsonNode answer) {
        var verdicts = new Table("There is no Computer.", "COMPUTER", "VERDICT", "WHY", "PRICE", "ONE CHANGE");
        int shown = 0;
        for (var verdict : answer.path("verdicts")) {
            if (shown++ == SHOWN) {
                break;
            }
            verdicts.row(
                    verdict.path("computer_guid").asText(),
                    verdict.path("verdict").asText(),
                    verdict.path("text").asText(),
                    verdict.path("price").asText(),
                    verdict.path("change").asText(""));
        }
        var counts = new Table("", "VERDICT", "COMPUTERS");
        answer.path("counts")
                .properties()
                .forEach(count -> counts.row(count.getKey(), count.getValue().asText()));
        counts.row("all", answer.path("computers").asText());
        return verdicts.then(counts);
    }
}
