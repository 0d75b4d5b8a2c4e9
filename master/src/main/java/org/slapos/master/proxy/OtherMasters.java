package org.slapos.master.proxy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.PartitionId;
import org.slapos.protocol.client.SlapClient;
import org.slapos.protocol.client.SlapException;

/// Sends requests on to other Masters: those that name one as condition `master_url`, and those for the releases that
/// the configuration leaves to one.
final class OtherMasters {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final long MAX_RUN_ID_BYTES = 1024;

    private final Map<String, ProxyConfiguration.OtherMaster> masters;
    private final State state;
    private final String runId;
    private final OutgoingHttp http;

    /// @param runId what this proxy answers to `getRunId`
    OtherMasters(Map<String, ProxyConfiguration.OtherMaster> masters, State state, String runId, OutgoingHttp http) {
        this.masters = Map.copyOf(masters);
        this.state = state;
        this.runId = runId;
        this.http = http;
    }

    /// The Master a request has to go to; none when it stays here.
    ///
    /// @param here how the caller reaches this proxy
    /// @throws Refusal when it names a Master that the configuration does not
    Optional<String> masterFor(InstanceWanted wanted, URI here) {
        var named = Optional.ofNullable(wanted.conditions().get("master_url")).filter(url -> !url.isEmpty());
        if (named.isPresent()) {
            // Only what the configuration names is spoken to: a caller sends this proxy nowhere else.
            return named.filter(url -> !isObviouslyHere(url, here))
                    .map(this::known)
                    .filter(url -> !isHere(url, here));
        }
        return masters.entrySet().stream()
                .filter(master -> master.getValue().releases().contains(wanted.release()))
                .map(Map.Entry::getKey)
                .filter(url -> !isHere(url, here))
                .findFirst();
    }

    private String known(String url) {
        return masters.keySet().stream()
                .filter(known -> withSlash(known).equals(withSlash(url)))
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        Refusal.Kind.UNKNOWN_MASTER,
                        "No request is forwarded to '" + url + "': name it in a section [multimaster/" + url
                                + "] of the configuration"));
    }

    private static String withSlash(String url) {
        return url.endsWith("/") ? url : url + "/";
    }

    /// Whether that URL says so itself: loopback under another name, at the same port.
    private static boolean isObviouslyHere(String url, URI here) {
        try {
            var named = URI.create(withSlash(url));
            return named.equals(here)
                    || ("http".equals(named.getScheme())
                            && named.getPort() == here.getPort()
                            && LOOPBACK.contains(String.valueOf(named.getHost()))
                            && LOOPBACK.contains(String.valueOf(here.getHost())));
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /// Whether that URL leads to this proxy, under whatever name: then it answers our run's id.
    private boolean isHere(String url, URI here) {
        if (isObviouslyHere(url, here)) {
            return true;
        }
        try {
            var request = HttpRequest.newBuilder(URI.create(withSlash(url) + "getRunId"))
                    .timeout(PATIENCE)
                    .build();
            var answer = http.client()
                    .send(
                            request,
                            HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), MAX_RUN_ID_BYTES));
            return answer.statusCode() == 200 && answer.body().strip().equals(runId);
        } catch (IOException | IllegalArgumentException _) {
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Makes the request there, under a title that tells who asked here.
    ///
    /// @throws Refusal when that Master refuses, is not ready, or does not answer
    InstanceInformation forward(InstanceWanted wanted, String url) {
        var master = masters.get(url);
        if (master == null) {
            throw new IllegalArgumentException(url);
        }
        var title = wanted.asker().map(PartitionKey::partition).orElse("user") + "_" + wanted.title();
        state.change((tables, _) -> tables.forwarded.add(new Tables.Forwarded(title, url)));
        try (var client = open(url, master)) {
            return switch (client.request(request(wanted, title, master))) {
                case SlapClient.RequestAnswer.Placed(var instance) -> instance;
                case SlapClient.RequestAnswer.NotReady(var reason) ->
                    throw new Refusal(Refusal.Kind.NOT_READY, url + " is not ready: " + reason);
            };
        } catch (SlapException e) {
            var kind = e.kind() == SlapException.Kind.NOT_FOUND ? Refusal.Kind.NOT_FOUND : Refusal.Kind.FAILED;
            throw new Refusal(kind, "The Master " + url + " refused: " + e.getMessage());
        } catch (MalformedException | IOException e) {
            throw new Refusal(
                    Refusal.Kind.FAILED, "The request could not be forwarded to " + url + ": " + e.getMessage());
        }
    }

    private static SlapClient open(String url, ProxyConfiguration.OtherMaster master) throws IOException {
        var identity = master.certificate()
                .flatMap(certificate -> master.key().map(key -> new SlapClient.Identity(certificate, key)));
        return SlapClient.open(new SlapClient.Settings(URI.create(url), identity, master.authority()));
    }

    private static InstanceRequest request(InstanceWanted wanted, String title, ProxyConfiguration.OtherMaster master) {
        var conditions = new LinkedHashMap<>(wanted.conditions());
        conditions.remove("master_url");
        return new InstanceRequest(
                wanted.release(),
                wanted.type().isEmpty() ? InstanceRequest.DEFAULT_TYPE : wanted.type(),
                title,
                wanted.shared(),
                wanted.parameters().storedTexts(),
                conditions,
                wanted.state(),
                master.asker()
                        .map(key -> new InstanceRequest.From(
                                new ComputerId(key.computer()), new PartitionId(key.partition()))),
                Optional.empty());
    }
}
