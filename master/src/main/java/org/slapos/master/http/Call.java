package org.slapos.master.http;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slapos.master.party.Requester;
import org.slapos.protocol.Form;
import org.slapos.protocol.MalformedException;

/// One request, as a door sees it. `method` is upper case; `path` is what follows the door's prefix, decoded, without a
/// slash in front; header names in `headers` are lower case; the body is whole and within the limit of the server.
/// `origin` is the Master's root as callers reach it, `https://master.example:8443/`: as configured, else as this one
/// named it; nothing when it named no proper host.
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Call(
        String id,
        String method,
        String path,
        Form query,
        Map<String, String> headers,
        byte[] body,
        Requester requester,
        String remoteAddress,
        Optional<URI> origin) {
    private static final String FORM = "application/x-www-form-urlencoded";

    /// The same call by somebody else.
    public Call by(Requester other) {
        return new Call(id, method, path, query, headers, body, other, remoteAddress, origin);
    }

    /// The same call with its body.
    Call with(byte[] whole) {
        return new Call(id, method, path, query, headers, whole, requester, remoteAddress, origin);
    }

    public boolean isGet() {
        return method.equals("GET") || method.equals("HEAD");
    }

    /// An address below the Master's root, as this caller reaches it.
    ///
    /// @throws MalformedException when neither the configuration nor the caller says which host this is
    public URI absolute(String path) {
        return origin.orElseThrow(() -> new MalformedException(
                        "the request's Host header is missing or no host name or address with its port"))
                .resolve(path);
    }

    /// The first value of a header.
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
    }

    /// The body's fields.
    ///
    /// @throws MalformedException when the body is not a form
    public Form form() {
        if (body.length == 0) {
            return new Form(Map.of());
        }
        var type = header("content-type").orElse(FORM);
        if (!type.toLowerCase(Locale.ROOT).startsWith(FORM)) {
            throw new MalformedException("the body is '" + type + "', send it as " + FORM);
        }
        return Form.parse(new String(body, StandardCharsets.UTF_8));
    }

    /// Whether the caller takes an answer of that type (RFC 9110, Accept); the closest range counts.
    public boolean accepts(String type) {
        var accepted = header("accept").orElse("*/*");
        var group = type.substring(0, type.indexOf('/')) + "/*";
        return Stream.of(type, group, "*/*")
                .flatMap(wanted -> Stream.of(accepted.split(",", 100))
                        .map(range -> range.strip().toLowerCase(Locale.ROOT))
                        .filter(range -> range.equals(wanted) || range.startsWith(wanted + ";")))
                .findFirst()
                .filter(range -> !range.matches(".*;\\s*q=0(\\.0*)?"))
                .isPresent();
    }

    /// Whether the caller has the document of this ETag already (RFC 9110, If-None-Match).
    public boolean has(String etag) {
        return header("if-none-match")
                .map(known -> List.of(known.split("\\s*,\\s*", 100)))
                .filter(known -> known.contains("*") || known.contains(etag) || known.contains("W/" + etag))
                .isPresent();
    }
}
