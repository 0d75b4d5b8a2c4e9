package org.slapos.master.proxy;

import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slapos.master.http.HttpServer;
import org.slapos.master.http.Mount;
import org.slapos.master.party.Requester;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running proxy.
final class Proxy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Proxy.class);

    /// The longest body taken, and so the longest file put into the network cache.
    static final int MAX_BODY_BYTES = 64 * 1024 * 1024;

    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// Whoever reaches it is its one user.
    private static final Requester USER = new Requester.Person("user");

    private final State state;
    private final OutgoingHttp http;
    private final HttpServer server;

    private Proxy(State state, OutgoingHttp http, HttpServer server) {
        this.state = state;
        this.http = http;
        this.server = server;
    }

    /// @throws IOException with one sentence that says what is in the way: the port, the state file
    static Proxy open(ProxyConfiguration settings, InstantSource clock) throws IOException {
        settings.warnings().forEach(LOG::warn);
        var state = settings.stateFile().isPresent()
                ? State.kept(StateFile.open(settings.stateFile().get()), clock)
                : State.forgotten(clock);
        var http = new OutgoingHttp();
        try {
            var software = new Software(state);
            settings.softwareRoot().ifPresent(software::rootedAt);
            var server = HttpServer.open(
                    new HttpServer.Settings(
                            settings.host(), settings.port(), MAX_BODY_BYTES, Duration.ofMinutes(1), Optional.empty()),
                    Optional.empty(),
                    _ -> USER,
                    mounts(settings, state, software, http));
            if (!server.address().getAddress().isLoopbackAddress()) {
                LOG.warn("Proxy mode asks nobody who they are, and is open to all who reach {}", server.address());
            }
            return new Proxy(state, http, server);
        } catch (IOException | RuntimeException e) {
            state.close();
            http.close();
            throw e;
        }
    }

    private static List<Mount> mounts(ProxyConfiguration settings, State state, Software software, OutgoingHttp http) {
        var runId = randomId();
        var requests = new Requests(
                new RequestInstance(state, settings.computer()),
                new OtherMasters(settings.masters(), state, runId, http));
        var instances = new InstanceLife(state);
        var configuration = new LoadConfiguration(state);
        var mounts = new ArrayList<Mount>();
        mounts.addAll(new SlapDoor(state, software, requests, instances, configuration, settings, runId).mounts());
        mounts.addAll(new JsonDoor(
                        new JsonInstances(state, requests, instances),
                        new JsonComputers(state, software, configuration))
                .mounts());
        mounts.addAll(new HypermediaDoor(state).mounts());
        mounts.addAll(new NetworkCacheDoor(settings.cache().map(cache -> new NetworkCache(cache, http))).mounts());
        mounts.addAll(new PanelDoor(state, settings.publicFolder()).mounts());
        mounts.addAll(new HttpProxyDoor().mounts());
        var guard = new PageGuard(settings.names());
        return mounts.stream().map(guard::guarded).toList();
    }

    private static String randomId() {
        return new SecureRandom()
                .ints(32, 0, LETTERS.length())
                .mapToObj(i -> LETTERS.substring(i, i + 1))
                .collect(Collectors.joining());
    }

    /// `http://127.0.0.1:5000/`
    URI url() {
        var address = server.address().getAddress().getHostAddress();
        var host = address.contains(":") ? "[" + address + "]" : address;
        return URI.create("http://" + host + ":" + server.address().getPort() + "/");
    }

    @Override
    public void close() throws IOException {
        server.close();
        http.close();
        state.close();
    }
}
