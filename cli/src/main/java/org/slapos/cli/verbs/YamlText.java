package org.slapos.cli.verbs;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;

/// YAML, for those who ask for it: the library is loaded then, and not before.
final class YamlText {
    private YamlText() {}

    static String of(JsonNode value) {
        var mapper = YAMLMapper.builder()
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                .build();
        try {
            return mapper.writeValueAsString(value);
        } catch (JacksonException e) {
            throw new IllegalStateException("a value read from JSON can be written", e);
        }
    }

    /// @throws JacksonException when it is no YAML
    static JsonNode read(String text) throws JacksonException {
        return new YAMLMapper().readTree(text);
    }
}
