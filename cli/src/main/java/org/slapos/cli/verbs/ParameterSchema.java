package org.slapos.cli.verbs;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slapos.cli.profile.Downloads;

/// Checks parameters against the JSON schema of a SoftwareRelease, of the draft that its `$schema` names. The library
/// is loaded only when there is something to check; what it fetches comes through the same door as profiles.
final class ParameterSchema {
    private static final int MOST = 20;

    private ParameterSchema() {}

    /// One sentence for each thing that is wrong, at most 20; also when the schema itself cannot be used.
    static List<String> findings(URI schema, JsonNode parameters, Downloads downloads) {
        // The library logs by slf4j, and nobody here listens.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        try {
            var registry = SchemaRegistry.withDefaultDialect(
                    SpecificationVersion.DRAFT_7,
                    builder -> builder.schemaLoader(loader -> loader.fetchRemoteResources(false)
                            .resourceLoaders(loaders -> loaders.add(iri -> () -> new ByteArrayInputStream(
                                    downloads.text(URI.create(iri.toString())).getBytes(StandardCharsets.UTF_8))))));
            var json = new ObjectMapper().readTree(downloads.text(schema));
            var faults = faults(json);
            if (!faults.isEmpty()) {
                return List.of(unusable(schema, String.join("; ", faults)));
            }
            return registry.getSchema(SchemaLocation.of(schema.toString()), json).validate(parameters).stream()
                    .limit(MOST)
                    .map(error -> "parameter "
                            + (error.getInstanceLocation().getNameCount() == 0 ? "" : error.getInstanceLocation() + " ")
                            + "is not what the schema wants: " + error.getMessage())
                    .toList();
        } catch (JacksonException e) {
            return List.of(unusable(schema, "not JSON: " + e.getOriginalMessage()));
        } catch (SchemaException | IllegalArgumentException e) {
            return List.of(unusable(schema, String.valueOf(e.getMessage())));
        }
    }

    /// What makes it no schema, by the schema of its draft; nothing is said against a draft that is not known.
    private static List<String> faults(JsonNode schema) {
        var draft = SpecificationVersion.fromDialectId(
                schema.path("$schema").asText(SpecificationVersion.DRAFT_7.getDialectId()));
        return draft
                .map(known -> SchemaRegistry.withDefaultDialect(known)
                        .getSchema(SchemaLocation.of(known.getDialectId()))
                        .validate(schema))
                .orElse(List.of())
                .stream()
                .limit(MOST)
                .map(error -> error.getInstanceLocation() + ": " + error.getMessage())
                .toList();
    }

    private static String unusable(URI schema, String why) {
        return "the parameters are not checked: the schema " + schema + " cannot be used: " + why;
    }
}
