package org.slapos.cli.verbs;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.cli.profile.Downloads;
import org.slapos.protocol.MalformedException;

/// What a SoftwareRelease says of itself beside its profile, in `<URL>.json`: how its types want their parameters.
/// It is fetched when it is first asked.
final class ReleaseDescription {
    private static final String OLD_DEFAULT = "RootSoftwareInstance";

    private final String release;
    private final Optional<String> type;
    private final Downloads downloads;
    private @Nullable JsonNode fetched;

    /// @param type the software type; the default one when null
    ReleaseDescription(String release, @Nullable String type, Downloads downloads) {
        this.release = release;
        this.type = Optional.ofNullable(type);
        this.downloads = downloads;
    }

    /// What the type, else the release, says.
    ///
    /// @throws CommandFailure when neither says it, or the description cannot be had
    InstanceParameters.Serialisation serialisation() {
        try {
            var word = (ofType().has("serialisation") ? ofType() : description())
                    .path("serialisation")
                    .asText();
            return InstanceParameters.Serialisation.of(word).orElseThrow(() -> unknown("it says '" + word + "'"));
        } catch (MalformedException e) {
            throw unknown(String.valueOf(e.getMessage()));
        }
    }

    /// What the type's schema finds wrong with the parameters; also that there is no schema to be had.
    List<String> findings(JsonNode parameters) {
        try {
            var request = ofType().path("request").asText("");
            if (request.isEmpty()) {
                return List.of("the parameters are not checked: " + url() + " names no schema for type '"
                        + type.orElse("default") + "'");
            }
            return ParameterSchema.findings(url().resolve(request), parameters, downloads);
        } catch (IllegalArgumentException e) {
            return List.of("the parameters are not checked: " + e.getMessage());
        }
    }

    private CommandFailure unknown(String why) {
        return new CommandFailure(
                ExitStatus.FAILED,
                "cannot tell how " + release + " wants its parameters: " + why
                        + ". Give --force-serialisation xml or json-in-xml.");
    }

    private JsonNode ofType() {
        var types = description().path("software-type");
        var name = type.orElse("default");
        var found = types.path(name);
        return found.isMissingNode() && name.equals("default")
                ? types.path(OLD_DEFAULT)
                : found.isMissingNode() && name.equals(OLD_DEFAULT) ? types.path("default") : found;
    }

    private JsonNode description() {
        if (fetched == null) {
            try {
                fetched = new ObjectMapper().readTree(downloads.text(url()));
            } catch (JacksonException e) {
                throw new MalformedException(url() + " is not JSON: " + e.getOriginalMessage(), e);
            }
        }
        return fetched;
    }

    private URI url() {
        return release.startsWith("/") ? Path.of(release + ".json").toUri() : URI.create(release + ".json");
    }
}
