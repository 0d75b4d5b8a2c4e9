package org.slapos.master.registration;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;
import org.slapos.master.Problem;
import org.slapos.master.computer.RegisterComputer;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.party.FetchPersonCertificate;
import org.slapos.master.pki.SigningRequest;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.Reason;

/// `Person_requestComputer` and `Person_getCertificate`. The token travels in the header `X-Access-Token`, the answer
/// is JSON with `certificate` and `key`, both PEM. Beyond the protocol, the form's `certificate_signing_request` (PEM)
/// proves a key of the caller's own; then there is no `key` in the answer.
public final class Registration {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOKEN = "X-Access-Token";

    private final RegisterComputer register;
    private final FetchPersonCertificate fetch;

    public Registration(RegisterComputer register, FetchPersonCertificate fetch) {
        this.register = register;
        this.fetch = fetch;
    }

    /// Makes the machine of the form's `title` a Computer.
    public Answer computer(Call call) throws IOException {
        var refused = unready(call);
        if (refused.isPresent()) {
            return refused.get();
        }
        var token = call.header(TOKEN).orElseThrow();
        return switch (register.register(token, title(call), project(call), request(call))) {
            case RegisterComputer.Registration.Refused(var problem) -> refused(problem);
            case RegisterComputer.Registration.Registered(var reference, var certificate, var key) ->
                json(pair(certificate, key)
                        .put("reference", reference.text())
                        .put("relative_url", "computer/" + reference));
        };
    }

    /// Gives a person their certificate.
    public Answer person(Call call) throws IOException {
        var refused = unready(call);
        if (refused.isPresent()) {
            return refused.get();
        }
        return switch (fetch.fetch(call.header(TOKEN).orElseThrow(), request(call))) {
            case FetchPersonCertificate.Fetched.Refused(var problem) -> refused(problem);
            case FetchPersonCertificate.Fetched.Issued(var person, var issued) ->
                json(pair(issued.certificatePem(), issued.keyPem()).put("reference", person));
        };
    }

    private static ObjectNode pair(String certificate, String key) {
        var pair = JSON.createObjectNode().put("certificate", certificate);
        return key.isEmpty() ? pair : pair.put("key", key);
    }

    private static Optional<SigningRequest> request(Call call) {
        return call.form()
                .get("certificate_signing_request")
                .filter(pem -> !pem.isBlank())
                .map(SigningRequest::read);
    }

    private static Optional<Answer> unready(Call call) {
        if (!call.method().equals("POST")) {
            return Optional.of(Answer.methodNotAllowed("POST"));
        }
        return call.header(TOKEN).isEmpty()
                ? Optional.of(reason(403, "A one-time token is needed, in the header " + TOKEN))
                : Optional.empty();
    }

    private static Optional<String> project(Call call) {
        return call.form().get("project_reference").filter(text -> !text.isEmpty());
    }

    private static String title(Call call) {
        try {
            return call.form().required("title");
        } catch (MalformedException e) {
            throw new MalformedException("Person_requestComputer: " + e.getMessage(), e);
        }
    }

    private static Answer json(ObjectNode body) throws IOException {
        return Answer.ok("application/json", JSON.writeValueAsBytes(body)).with("Cache-Control", "no-store");
    }

    private static Answer refused(Problem problem) {
        int status = switch (problem.kind()) {
            case NOT_FOUND -> 404;
            case FORBIDDEN -> 403;
            case CONFLICT -> 409;
            case INVALID -> 400;
            case BUSY -> 503;
            case LIMITED -> 429;
        };
        return reason(status, problem.message());
    }

    private static Answer reason(int status, String reason) {
        return Answer.text(status, reason).with(Reason.HEADER, Reason.encode(reason));
    }
}
