package org.slapos.master.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.URIUtil;
import org.slapos.master.db.DatabaseUnavailableException;
import org.slapos.master.party.Requester;
import org.slapos.protocol.Form;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns a request of the server into a [Call], finds its door, and sends the [Answer].
final class FrontHandler extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(FrontHandler.class);

    private final int maxBodyBytes;
    private final Function<Optional<X509Certificate>, Requester> identify;
    private final List<Mount> mounts;

    FrontHandler(int maxBodyBytes, Function<Optional<X509Certificate>, Requester> identify, List<Mount> mounts) {
        this.maxBodyBytes = maxBodyBytes;
        this.identify = identify;
        this.mounts = mounts.stream()
                .sorted(Comparator.comparingInt((Mount mount) -> mount.path().length())
                        .reversed())
                .toList();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        var id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        var answer = answer(id, request);
        if (LOG.isDebugEnabled()) {
            LOG.debug(
                    "{} {} {} {}", id, request.getMethod(), request.getHttpURI().getPath(), answer.status());
        }
        response.setStatus(answer.status());
        answer.headers().forEach(response.getHeaders()::put);
        if (!request.getMethod().equals("HEAD") && answer.status() != 304) {
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.body().length);
        }
        boolean silent = request.getMethod().equals("HEAD") || answer.status() == 304;
        response.write(true, silent ? null : ByteBuffer.wrap(answer.body()), callback);
        return true;
    }

    private Answer answer(String id, Request request) {
        var path = URIUtil.decodePath(request.getHttpURI().getCanonicalPath());
        try {
            var mount = mounts.stream().filter(m -> m.holds(path)).findFirst();
            if (mount.isEmpty()) {
                return Answer.notFound(path);
            }
            var body = body(request);
            if (body.isEmpty()) {
                return Answer.text(413, "The body is longer than " + maxBodyBytes + " bytes.");
            }
            return mount.get().door().answer(call(id, request, mount.get(), path, body.get()));
        } catch (MalformedException e) {
            LOG.debug("request {} ({} {}) is malformed: {}", id, request.getMethod(), path, e.getMessage());
            var why = String.valueOf(e.getMessage());
            return Answer.text(400, why).with(Reason.HEADER, Reason.encode(why));
        } catch (DatabaseUnavailableException e) {
            LOG.error("request {} ({} {}) failed: {}", id, request.getMethod(), path, e.getMessage());
            return Answer.text(
                            503,
                            "The Master cannot reach its database right now (request " + id + "). Try again later.")
                    .with("Retry-After", "5");
        } catch (IOException | RuntimeException e) {
            LOG.error("request {} ({} {}) failed", id, request.getMethod(), path, e);
            return Answer.text(500, "Internal error. The operator finds it in the log as request " + id + ".");
        }
    }

    private Call call(String id, Request request, Mount mount, String path, byte[] body) {
        var query = request.getHttpURI().getQuery();
        return new Call(
                id,
                request.getMethod().toUpperCase(Locale.ROOT),
                path.substring(Math.min(path.length(), mount.path().length())),
                query == null ? new Form(Map.of()) : Form.parse(query),
                headers(request),
                body,
                identify.apply(certificate(request)),
                Request.getRemoteAddr(request));
    }

    /// The whole body, or nothing when it is longer than allowed.
    private Optional<byte[]> body(Request request) throws IOException {
        if (request.getLength() > maxBodyBytes) {
            return Optional.empty();
        }
        try (InputStream in = Content.Source.asInputStream(request)) {
            var bytes = in.readNBytes(maxBodyBytes + 1);
            return bytes.length > maxBodyBytes ? Optional.empty() : Optional.of(bytes);
        }
    }

    private static Map<String, String> headers(Request request) {
        var headers = new HashMap<String, String>();
        request.getHeaders().forEach(field -> headers.putIfAbsent(field.getLowerCaseName(), field.getValue()));
        return headers;
    }

    private static Optional<X509Certificate> certificate(Request request) {
        if (request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE) instanceof EndPoint.SslSessionData session) {
            var chain = session.peerCertificates();
            return chain == null || chain.length == 0 ? Optional.empty() : Optional.of(chain[0]);
        }
        return Optional.empty();
    }
}
