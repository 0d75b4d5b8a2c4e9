package org.slapos.master.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.URIUtil;
import org.slapos.master.audit.Actor;
import org.slapos.master.db.DatabaseUnavailableException;
import org.slapos.master.party.Identities;
import org.slapos.master.party.Requester;
import org.slapos.master.party.Shown;
import org.slapos.protocol.Form;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns a request of the server into a [Call], finds its door, and sends the [Answer].
final class FrontHandler extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(FrontHandler.class);

    /// Of the body of somebody unknown: a title. Whoever may send more has shown a certificate, or a session, before.
    private static final int MAX_ANONYMOUS_BYTES = 64 * 1024;

    private static final byte[] NO_BODY = {};
    private static final String BODY_WAS_READ = FrontHandler.class.getName() + ".body";

    /// Documents of Computers, which are kept once for all who read them, mostly have less.
    private static final int SMALL_ANSWER_BYTES = 1024 * 1024;

    /// What a body has to bring for each second beyond the patience.
    private static final int MIN_BYTES_PER_SECOND = 10 * 1024;

    /// A host name, an IPv4 address or a bracketed IPv6 one, with its port.
    private static final Pattern AUTHORITY =
            Pattern.compile("(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\\[[0-9A-Fa-f:.]{2,45}\\])(?::[0-9]{1,5})?");

    /// How much more than the longest body is read for the sake of the answer.
    private static final long FORGOTTEN_BYTES = 1024 * 1024;

    private final int maxBodyBytes;
    private final BodyBudget budget;
    private final BodyBudget budgetOfAnonymous = BodyBudget.of(0);
    private final BodyBudget answersBudget;
    private final Duration patience;
    private final Function<Shown, Requester> identify;
    private final Optional<URI> publicUrl;
    private final Optional<String> nameHeader;
    private final OpenConnections connections;
    private final List<Mount> mounts;

    FrontHandler(
            HttpServer.Settings settings,
            Function<Shown, Requester> identify,
            OpenConnections connections,
            List<Mount> mounts) {
        this.connections = connections;
        this.maxBodyBytes = settings.maxBodyBytes();
        this.budget = BodyBudget.of(maxBodyBytes);
        this.answersBudget = BodyBudget.of(maxBodyBytes);
        this.patience = settings.patience();
        this.publicUrl = settings.publicUrl();
        this.nameHeader = settings.nameHeader();
        this.identify = identify;
        this.mounts = mounts.stream()
                .sorted(Comparator.comparingInt((Mount mount) -> mount.path().length())
                        .reversed())
                .toList();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        respond(request, response, connections.during(request, callback));
        return true;
    }

    private void respond(Request request, Response response, Callback callback) {
        var id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        var answer = answer(id, request);
        if (request.getAttribute(BODY_WAS_READ) == null) {
            forgetBody(request);
        }
        if (LOG.isDebugEnabled()) {
            LOG.debug(
                    "{} {} {} {}", id, request.getMethod(), request.getHttpURI().getPath(), answer.status());
        }
        if (answer.body().length <= SMALL_ANSWER_BYTES) {
            write(request, response, answer, callback);
            return;
        }
        // Until it is taken, which may be long, a long answer is held in memory.
        var share = answersBudget.share();
        var done = Callback.from(callback, share::close);
        write(request, response, share.take(answer.body().length) ? answer : noRoom(), done);
    }

    private static void write(Request request, Response response, Answer answer, Callback callback) {
        response.setStatus(answer.status());
        answer.headers().forEach(response.getHeaders()::put);
        response.getHeaders().put("X-Content-Type-Options", "nosniff"); // texts of callers are no pages
        boolean silent = request.getMethod().equals("HEAD") || answer.status() == 304;
        if (!silent) {
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.body().length);
        }
        response.write(true, silent ? null : ByteBuffer.wrap(answer.body()), callback);
    }

    private static Answer noRoom() {
        return Answer.text(503, "The server holds as much for others as it can right now. Try again later.")
                .with("Retry-After", "1");
    }

    private Answer answer(String id, Request request) {
        var path = URIUtil.decodePath(request.getHttpURI().getCanonicalPath());
        var shown = request.getHttpURI().getCanonicalPath(); // encoded: a log line stays one line
        try {
            var mount = mounts.stream().filter(m -> m.holds(path)).findFirst();
            if (mount.isEmpty()) {
                return Answer.notFound(path);
            }
            var requester = identify.apply(shown(request));
            var door = mount.get().door();
            var head = call(id, request, mount.get(), path, requester);
            boolean isLong = request.getLength() < 0 || request.getLength() > MAX_ANONYMOUS_BYTES;
            boolean isAnonymous = requester instanceof Requester.Anonymous && !(isLong && door.knows(head));
            int most = isAnonymous ? Math.min(maxBodyBytes, MAX_ANONYMOUS_BYTES) : maxBodyBytes;
            try (var share = (isAnonymous ? budgetOfAnonymous : budget).share()) {
                return switch (body(request, most, share)) {
                    case Body.Whole(var bytes) -> answer(door, head.with(bytes), certificate(request));
                    case Body.TooLong() -> tooLong(requester, most);
                    case Body.NoRoom() -> noRoom();
                };
            }
        } catch (MalformedException e) {
            LOG.debug("request {} ({} {}) is malformed: {}", id, request.getMethod(), shown, e.getMessage());
            var why = String.valueOf(e.getMessage());
            return Answer.text(400, why).with(Reason.HEADER, Reason.encode(why));
        } catch (DatabaseUnavailableException e) {
            LOG.error("request {} ({} {}) failed: {}", id, request.getMethod(), shown, e.getMessage());
            return Answer.text(
                            503,
                            "The Master cannot reach its database right now (request " + id + "). Try again later.")
                    .with("Retry-After", "5");
        } catch (IOException | RuntimeException e) {
            LOG.error("request {} ({} {}) failed", id, request.getMethod(), shown, e);
            return Answer.text(500, "Internal error. The operator finds it in the log as request " + id + ".");
        }
    }

    /// The door works on the account of who calls.
    private static Answer answer(Door door, Call call, Optional<X509Certificate> shown) throws IOException {
        var actor = new Actor(
                call.requester().reference(),
                () -> shown.map(Identities::fingerprint).orElse(""),
                call.remoteAddress(),
                call.id());
        return actor.does(() -> door.answer(call));
    }

    /// What came as a body.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private sealed interface Body {
        record Whole(byte[] bytes) implements Body {}

        record TooLong() implements Body {}

        /// Others use all the memory that is for bodies.
        record NoRoom() implements Body {}
    }

    private Answer tooLong(Requester requester, int most) {
        if (most < maxBodyBytes && requester instanceof Requester.Anonymous(var why)) {
            return Answer.text(401, why).with(Reason.HEADER, Reason.encode(why));
        }
        return Answer.text(413, "The body is longer than " + most + " bytes.");
    }

    private Call call(String id, Request request, Mount mount, String path, Requester requester) {
        var query = request.getHttpURI().getQuery();
        return new Call(
                id,
                request.getMethod().toUpperCase(Locale.ROOT),
                path.substring(Math.min(path.length(), mount.path().length())),
                query == null ? new Form(Map.of()) : Form.parse(query),
                headers(request),
                NO_BODY,
                requester,
                Request.getRemoteAddr(request),
                publicUrl.or(() -> named(request)));
    }

    /// The root of this server in the words of the caller, who may write anything there.
    private static Optional<URI> named(Request request) {
        var authority = request.getHttpURI().getAuthority();
        return authority != null && AUTHORITY.matcher(authority).matches()
                ? Optional.of(URI.create((request.isSecure() ? "https://" : "http://") + authority + "/"))
                : Optional.empty();
    }

    /// The whole body. One that is longer than allowed is read to its end and forgotten, since a client that is cut off
    /// while it sends does not see the answer.
    ///
    /// @throws MalformedException when it comes so slowly that it only keeps a connection busy
    private Body body(Request request, int most, BodyBudget.Share share) throws IOException {
        request.setAttribute(BODY_WAS_READ, true);
        long cutOff = maxBodyBytes + FORGOTTEN_BYTES;
        if (request.getLength() > cutOff) {
            return new Body.TooLong();
        }
        long began = System.nanoTime();
        var body = new ByteArrayOutputStream();
        long received = 0;
        boolean room = true;
        var part = new byte[8192];
        try (InputStream in = Content.Source.asInputStream(request)) {
            for (int n = in.read(part); n >= 0; n = in.read(part)) {
                received += n;
                if (received > cutOff) {
                    return new Body.TooLong();
                }
                if (received <= most && room) {
                    room = share.take(n);
                    body.write(part, 0, n);
                }
                var allowed = patience.plusSeconds(received / MIN_BYTES_PER_SECOND);
                if (System.nanoTime() - began > allowed.toNanos()) {
                    throw new MalformedException(
                            "the body comes too slowly: " + received + " bytes in " + allowed.toSeconds() + " s");
                }
            }
        }
        if (received > most) {
            return new Body.TooLong();
        }
        return room ? new Body.Whole(body.toByteArray()) : new Body.NoRoom();
    }

    /// Of a call that was answered without it: what is left unread ends the connection, which the client may use for
    /// its next call already.
    private void forgetBody(Request request) {
        try (var share = budgetOfAnonymous.share()) {
            body(request, 0, share);
        } catch (IOException | MalformedException e) {
            LOG.debug("the body of {} ended: {}", request.getHttpURI().getPath(), e.getMessage());
        }
    }

    private static Map<String, String> headers(Request request) {
        var headers = new HashMap<String, String>();
        request.getHeaders().forEach(field -> {
            if (field.getLowerCaseName().equals("cookie")) { // in HTTP/2 one for each pair (RFC 9113, 8.2.3)
                headers.merge("cookie", field.getValue(), (before, more) -> before + "; " + more);
            } else {
                headers.putIfAbsent(field.getLowerCaseName(), field.getValue());
            }
        });
        return headers;
    }

    private Shown shown(Request request) {
        return new Shown(
                certificate(request),
                Request.getRemoteAddr(request),
                nameHeader.map(name -> request.getHeaders().getValuesList(name)).orElse(List.of()));
    }

    private static Optional<X509Certificate> certificate(Request request) {
        if (request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE) instanceof EndPoint.SslSessionData session) {
            var chain = session.peerCertificates();
            return chain == null || chain.length == 0 ? Optional.empty() : Optional.of(chain[0]);
        }
        return Optional.empty();
    }
}
