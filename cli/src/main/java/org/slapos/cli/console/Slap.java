package org.slapos.cli.console;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.SoftwareState;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapClient.RequestAnswer;

/// What the lines of a console may call without an import. Static, as such a line has no object to call it on; one
/// console at a time.
public final class Slap {
    private static @Nullable SlapClient client;

    private Slap() {}

    static void use(SlapClient master) {
        client = master;
    }

    /// The Master; `slap` in the console.
    public static SlapClient client() {
        return Objects.requireNonNull(client, "a console has a client");
    }

    /// Requests a root instance with the default software type.
    public static RequestAnswer request(String softwareRelease, String reference) {
        return request(softwareRelease, reference, Map.of());
    }

    /// As [#request(String, String)], with parameters; their values as texts.
    public static RequestAnswer request(String softwareRelease, String reference, Map<String, ?> parameters) {
        var texts = new TreeMap<String, String>();
        parameters.forEach((name, value) -> texts.put(name, String.valueOf(value)));
        return client().request(new InstanceRequest(
                product(softwareRelease),
                InstanceRequest.DEFAULT_TYPE,
                reference,
                false,
                texts,
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    }

    /// Has a SoftwareRelease installed on a Computer.
    public static void supply(String softwareRelease, String computer) {
        client().supply(product(softwareRelease), new ComputerId(computer), SoftwareState.AVAILABLE);
    }

    /// What the Master knows of an instance that one has requested: the JSON document of its InstanceTree.
    public static String getInformation(String reference) {
        return client().json(
                        "slapos.get.v0.instance_tree", SlapClient.parameters().put("title", reference))
                .toPrettyString();
    }

    /// The best release of `product.NAME`; any other text is a URL already.
    ///
    /// @throws IllegalArgumentException when the Master has none
    public static String product(String name) {
        if (!name.startsWith("product.")) {
            return name;
        }
        return client().softwareReleases(name.substring("product.".length()), Optional.empty()).stream()
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the Master has no release of " + name));
    }
}
