package org.slapos.protocol.hypermedia;

import java.util.Optional;
import org.slapos.protocol.MalformedException;

/// The searches that exist, each with its exact text. A value is inserted as it is, so it cannot hold a double quote.
public sealed interface SearchQuery {
    String TREES = "portal_type:\"Instance Tree\" AND validation_state:validated";
    String COMPUTERS = "portal_type:\"Compute Node\" AND validation_state:validated";
    String INSTANCES = "portal_type:(\"Software Instance\", \"Slave Instance\") AND validation_state:validated";
    String INSTALLATIONS = "portal_type:\"Software Installation\" AND validation_state:validated";

    /// The query as it travels.
    String text();

    /// Trees, those of one title if there is one.
    record Trees(Optional<String> title) implements SearchQuery {
        private static final String CONDITION = " AND title:=";

        public Trees {
            title.ifPresent(SearchQuery::requireNoQuote);
        }

        @Override
        public String text() {
            return TREES + condition(CONDITION, title);
        }
    }

    /// Computers, the one of that reference if there is one.
    record Computers(Optional<String> reference) implements SearchQuery {
        private static final String CONDITION = " AND reference:=";

        public Computers {
            reference.ifPresent(SearchQuery::requireNoQuote);
        }

        @Override
        public String text() {
            return COMPUTERS + condition(CONDITION, reference);
        }
    }

    /// The instances, plain and shared, of the tree of that title.
    record Instances(String tree) implements SearchQuery {
        private static final String CONDITION = " AND default_specialise_title:=";

        public Instances {
            requireNoQuote(tree);
        }

        @Override
        public String text() {
            return INSTANCES + condition(CONDITION, Optional.of(tree));
        }
    }

    /// SoftwareInstallations, those on one Computer if there is one.
    record Installations(Optional<String> computer) implements SearchQuery {
        private static final String CONDITION = " AND default_aggregate_reference:=";

        public Installations {
            computer.ifPresent(SearchQuery::requireNoQuote);
        }

        @Override
        public String text() {
            return INSTALLATIONS + condition(CONDITION, computer);
        }
    }

    /// @throws MalformedException when it is none of these, to the letter; the old names of trees and Computers are
    /// understood too
    static SearchQuery parse(String text) {
        var current = text.replaceFirst("^portal_type:\"Hosting Subscription\"", "portal_type:\"Instance Tree\"")
                .replaceFirst("^portal_type:\"Computer\"", "portal_type:\"Compute Node\"");
        if (current.startsWith(TREES)) {
            return new Trees(value(current, TREES, Trees.CONDITION));
        }
        if (current.startsWith(COMPUTERS)) {
            return new Computers(value(current, COMPUTERS, Computers.CONDITION));
        }
        if (current.startsWith(INSTANCES)) {
            return new Instances(value(current, INSTANCES, Instances.CONDITION).orElseThrow(() -> unknown(text)));
        }
        if (current.startsWith(INSTALLATIONS)) {
            return new Installations(value(current, INSTALLATIONS, Installations.CONDITION));
        }
        throw unknown(text);
    }

    private static Optional<String> value(String text, String base, String condition) {
        var rest = text.substring(base.length());
        if (rest.isEmpty()) {
            return Optional.empty();
        }
        var begin = condition + "\"";
        if (!rest.startsWith(begin) || !rest.endsWith("\"") || rest.length() == begin.length()) {
            throw unknown(text);
        }
        return Optional.of(rest.substring(begin.length(), rest.length() - 1));
    }

    private static String condition(String condition, Optional<String> value) {
        return value.map(text -> condition + "\"" + text + "\"").orElse("");
    }

    private static void requireNoQuote(String value) {
        if (value.isEmpty() || value.contains("\"") || value.chars().anyMatch(Character::isISOControl)) {
            throw new MalformedException("a search is for a text without double quotes and control characters, not '"
                    + value.replaceAll("\\p{Cntrl}", "?") + "'");
        }
    }

    private static MalformedException unknown(String text) {
        return new MalformedException("unknown query: " + text + "; known are " + TREES + ", " + COMPUTERS + ", "
                + INSTALLATIONS + " (each with one further condition or none) and " + INSTANCES + Instances.CONDITION
                + "\"...\"");
    }
}
