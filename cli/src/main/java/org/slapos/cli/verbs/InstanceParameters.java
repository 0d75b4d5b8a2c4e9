package org.slapos.cli.verbs;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slapos.protocol.InstanceXml;

/// Parameters as people give them: `name=value` words, or a file.
final class InstanceParameters {
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

    /// A `.xml` file is taken as it is; JSON and YAML (`.yaml`, `.yml`) are checked, then sent as the release decides.
    ///
    /// @param check what the release says of it
    static Map<String, String> ofFile(Path file, Consumer<JsonNode> check, AskRelease release) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw wrong(file + " is longer than " + MAX_BYTES + " bytes");
        }
        var text = Files.readString(file);
        var name = file.toString();
        if (name.endsWith(".xml")) {
            return InstanceXml.read(text);
        }
        var json = object(file, text, name.endsWith(".yaml") || name.endsWith(".yml"));
        if (json.size() == 1 && json.has("_")) {
            return Map.of("_", asText(json.required("_")));
        }
        var serialisation = release.serialisation();
        check.accept(json);
        return switch (serialisation) {
            case JSON_IN_XML -> Map.of("_", JsonText.of(json));
            case XML -> texts(file, json);
        };
    }

    /// What an instance was given or published, as texts; taken out of its JSON text when it is all in one.
    static Map<String, String> shown(Map<String, String> parameters) {
        var shown = new TreeMap<String, String>();
        unwrapped(parameters).properties().forEach(entry -> shown.put(entry.getKey(), asText(entry.getValue())));
        return shown;
    }

    /// As JSON; taken out of its JSON text when it is all in one.
    static ObjectNode unwrapped(Map<String, String> parameters) {
        var object = JsonNodeFactory.instance.objectNode();
        new TreeMap<>(parameters).forEach(object::put);
        return unwrapped(object);
    }

    static ObjectNode unwrapped(ObjectNode parameters) {
        if (parameters.size() == 1 && parameters.path("_").isTextual()) {
            try {
                if (JsonTree.read(parameters.path("_").asText()) instanceof ObjectNode all) {
                    return all;
                }
            } catch (IOException _) {
                // Shown as it is.
            }
        }
        return parameters;
    }

    private static JsonNode object(Path file, String text, boolean isYaml) {
        var kind = isYaml ? "YAML" : "JSON";
        try {
            var read = isYaml ? YamlText.read(text) : new ObjectMapper().readTree(text);
            if (read != null && read.isObject()) {
                return read;
            }
            throw wrong(file + " does not hold names with values (a " + kind + " object)");
        } catch (JacksonException e) {
            var at = e.getLocation();
            throw wrong(file + (at == null ? "" : ", line " + at.getLineNr()) + ": not " + kind + ": "
                    + e.getOriginalMessage());
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
