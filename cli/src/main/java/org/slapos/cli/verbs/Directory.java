package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;

/// What one has requested, and the Computers one has given to the cloud, as a Master lists them: over hypermedia, which
/// every kind of Master has; what only our Master tells, or a Master without hypermedia, by the JSON methods.
///
/// An instance is a JSON object with `reference`, `software-url`, `requested-state`, `status` and, as far as the Master
/// tells, what `slapos service info` prints; a Computer is one with `reference` and `title`.
final class Directory implements AutoCloseable {
    private final ClientConfiguration configuration;
    private Optional<HypermediaDirectory> hypermedia = Optional.empty();
    private @Nullable SlapClient client;

    private Directory(ClientConfiguration configuration) {
        this.configuration = configuration;
    }

    /// @param deadline of each call
    static Directory open(ClientConfiguration configuration, Duration deadline) throws IOException {
        var directory = new Directory(configuration);
        try {
            var reader = new PageReader(configuration, deadline);
            directory.hypermedia = directory.root(reader).map(url -> HypermediaDirectory.at(url, reader));
            return directory;
        } catch (RuntimeException | IOException e) {
            directory.close();
            throw e;
        }
    }

    /// Where hypermedia is: as configured, else as the Master says in one of its two ways.
    private Optional<URI> root(PageReader reader) throws IOException {
        var configured = configuration.hypermedia();
        if (configured.isPresent()) {
            return configured;
        }
        var told = HypermediaDirectory.told(configuration, reader);
        return told.isPresent()
                ? told
                : more(() -> HypermediaDirectory.url(client().json("slapos.get.v0.hateoas_url", SlapClient.parameters())
                        .path("hateoas_url")
                        .asText("")));
    }

    /// @param all whether everything that is known is wanted, not only reference and SoftwareRelease
    List<ObjectNode> services(boolean all) throws IOException {
        return hypermedia.isPresent() ? hypermedia.get().services(all) : JsonDirectory.services(client());
    }

    /// @param all whether everything that is known is wanted, not only what each kind of Master tells
    Optional<ObjectNode> service(String reference, boolean all) throws IOException {
        if (hypermedia.isEmpty()) {
            return JsonDirectory.service(client(), reference);
        }
        var found = hypermedia.get().service(reference);
        if (found.isPresent() && all) {
            var service = found.get();
            service.put(
                    "requested-state",
                    Status.state(service.path("requested-state").asText()));
            more(() -> JsonDirectory.service(client(), reference))
                    .ifPresent(told -> told.properties().forEach(entry -> {
                        if (!service.has(entry.getKey())) {
                            service.set(entry.getKey(), entry.getValue());
                        }
                    }));
        }
        return found;
    }

    /// @param all whether everything that is known is wanted, not only reference and title
    List<ObjectNode> computers(boolean all) throws IOException {
        if (hypermedia.isEmpty()) {
            return JsonDirectory.computers(client());
        }
        var known =
                all ? more(() -> Optional.of(JsonDirectory.computers(client()))) : Optional.<List<ObjectNode>>empty();
        return known.orElseGet(() -> hypermedia.get().computers());
    }

    /// @param all whether software and instances there are wanted, too
    Optional<ObjectNode> computer(String reference, boolean all) throws IOException {
        if (hypermedia.isEmpty()) {
            return JsonDirectory.computer(client(), reference, all);
        }
        var known = all ? more(() -> JsonDirectory.computer(client(), reference, true)) : Optional.<ObjectNode>empty();
        return known.isPresent() ? known : hypermedia.get().computer(reference);
    }

    /// The URLs of SoftwareReleases that one may want to name.
    List<String> softwareReleases() throws IOException {
        if (hypermedia.isPresent()) {
            return hypermedia.get().softwareReleases();
        }
        return JsonDirectory.services(client()).stream()
                .map(service -> service.path("software-url").asText())
                .distinct()
                .sorted()
                .toList();
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
        }
    }

    private SlapClient client() throws IOException {
        if (client == null) {
            client = configuration.connect();
        }
        return client;
    }

    private interface Asked<T> {
        Optional<T> ask() throws IOException;
    }

    /// What a Master of another kind does not know is no failure.
    private static <T> Optional<T> more(Asked<T> asked) throws IOException {
        try {
            return asked.ask();
        } catch (SlapException e) {
            if (e.kind() == SlapException.Kind.UNREACHABLE || e.kind() == SlapException.Kind.SERVER_ERROR) {
                throw e;
            }
            return Optional.empty();
        }
    }
}
