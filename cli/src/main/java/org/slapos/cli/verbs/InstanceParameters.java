package org.slapos.cli.verbs;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slapos.protocol.InstanceXml;

/// Parameters as people give them: `name=value` words, or a file.
final class InstanceParameters {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_BYTES = 8 * 1024 * 1024;

    /// How a SoftwareRelease wants its parameters: one by one as texts, or all in one JSON text named `_`.
    enum Serialisation {
        XML("xml"),
        JSON_IN_XML("json-in-xml");

        private final String word;

        Serialisation(String word) {
            this.word = word;
        }

        static Optional<Serialisation> of(String word) {
            return List.of(values()).stream().filter(s -> s.word.equals(word)).findFirst();
        }
    }

    /// Learns what serialisation is wanted, when the file does not say.
    @FunctionalInterface
    interface AskRelease {
        Serialisation serialisation();
    }

    private InstanceParameters() {}

    /// `name=value`, split at the first `=`.
    ///
    /// @throws CommandFailure for a word without `=`, an empty name, or a name given twice
    static Map<String, String> ofWords(String option, List<String> words) {
        var parameters = new TreeMap<String, String>();
        for (var word : words) {
            int equals = word.indexOf('=');
            if (equals <= 0) {
                throw wrong(option + ": '" + word + "' is not name=value");
            }
            if (parameters.put(word.substring(0, equals), word.substring(equals + 1)) != null) {
                throw wrong(option + ": '" + word.substring(0, equals) + "' is given twice");
            }
        }
        return parameters;
    }

    /// A `.xml` file is taken as it is; any other is a JSON object, whose serialisation the release decides.
    static Map<String, String> ofFile(Path file, AskRelease release) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw wrong(file + " is longer than " + MAX_BYTES + " bytes");
        }
        var text = Files.readString(file);
        var name = file.toString();
        if (name.endsWith(".xml")) {
            return InstanceXml.read(text);
        }
        if (name.endsWith(".yaml") || name.endsWith(".yml")) {
            throw wrong(file + ": YAML is not read: write it as JSON");
        }
        var json = object(file, text);
        if (json.size() == 1 && json.has("_")) {
            return Map.of("_", asText(json.required("_")));
        }
        return switch (release.serialisation()) {
            case JSON_IN_XML -> Map.of("_", json.toPrettyString());
            case XML -> texts(file, json);
        };
    }

    /// What an instance published, taken out of its JSON text when it is all in one.
    static Map<String, String> shown(Map<String, String> parameters) {
        var packed = parameters.get("_");
        if (packed == null || parameters.size() != 1) {
            return new TreeMap<>(parameters);
        }
        try {
            var json = JSON.readTree(packed);
            if (json != null && json.isObject()) {
                var texts = new TreeMap<String, String>();
                json.properties().forEach(entry -> texts.put(entry.getKey(), asText(entry.getValue())));
                return texts;
            }
        } catch (JacksonException _) {
            // Shown as it is.
        }
        return new TreeMap<>(parameters);
    }

    private static JsonNode object(Path file, String text) {
        try {
            var json = JSON.readTree(text);
            if (json != null && json.isObject()) {
                return json;
            }
            throw wrong(file + " does not hold a JSON object");
        } catch (JacksonException e) {
            var at = e.getLocation();
            throw wrong(
                    file + (at == null ? "" : ", line " + at.getLineNr()) + ": not JSON: " + e.getOriginalMessage());
        }
    }

    private static Map<String, String> texts(Path file, JsonNode json) {
        var texts = new TreeMap<String, String>();
        json.properties().forEach(entry -> {
            if (entry.getValue().isContainerNode()) {
                throw wrong(file + ": '" + entry.getKey()
                        + "' is not a plain value, and this SoftwareRelease takes its parameters one by one");
            }
            texts.put(entry.getKey(), asText(entry.getValue()));
        });
        return texts;
    }

    private static String asText(JsonNode value) {
        return value.isContainerNode() ? value.toString() : value.isNull() ? "" : value.asText();
    }

    private static CommandFailure wrong(String message) {
        return new CommandFailure(ExitStatus.NOT_READY, message);
    }
}
