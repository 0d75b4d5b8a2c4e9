package org.slapos.master.slaptool;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slapos.master.billing.RecordUsage;
import org.slapos.master.computer.ComputerCertificates;
import org.slapos.master.computer.Contacts;
import org.slapos.master.computer.LoadConfiguration;
import org.slapos.master.computer.RegisterComputer;
import org.slapos.master.http.Answer;
import org.slapos.master.instance.BangInstances;
import org.slapos.master.instance.ComputerDocuments;
import org.slapos.master.instance.FindInstances;
import org.slapos.master.party.Requester;
import org.slapos.master.pki.SigningRequest;
import org.slapos.master.slaptool.SlapTool.Request;
import org.slapos.protocol.ComputerConfiguration;
import org.slapos.protocol.ComputerInformation;
import org.slapos.protocol.Form;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.marshal.MarshalReader;
import org.slapos.protocol.marshal.Value;

/// The methods about whole Computers.
public record ComputerMethods(
        InstantSource clock,
        ComputerDocuments documents,
        Contacts contacts,
        FindInstances instances,
        LoadConfiguration load,
        RecordUsage usage,
        BangInstances bang,
        RegisterComputer register,
        ComputerCertificates certificates) {
    private static final Pattern WAIT = Pattern.compile("\\bwait=([0-9]{1,4})\\b");
    private static final int MOST_SECONDS = 60;

    /// The kept document, or 304, for which a Computer may wait until there is another one; for an instance only what
    /// is its own.
    Answer information(Request request, Target target) {
        if (request.requester() instanceof Requester.Instance(var guid)) {
            return own(guid, target);
        }
        var found = documents.of(target.computer());
        if (found.isEmpty()) {
            return SlapAnswer.reason(404, "No Computer " + target.computer());
        }
        if (request.requester() instanceof Requester.Computer) {
            contacts.seen(target.computer(), clock.instant());
        }
        return Optional.of(patience(request))
                .filter(patience ->
                        patience.isPositive() && request.call().has(found.get().etag()))
                .map(patience -> documents.after(target.computer(), found.get(), patience))
                .orElse(found)
                .map(document -> shown(request, document))
                .orElseGet(() -> SlapAnswer.reason(404, "No Computer " + target.computer()));
    }

    private static Answer shown(Request request, ComputerDocuments.Document document) {
        return request.call().isGet() && request.call().has(document.etag())
                ? Answer.notModified(document.etag())
                        .with("Cache-Control", SlapAnswer.SHORT)
                        .with("Vary", "REMOTE_USER")
                : SlapAnswer.document(document.bytes(), SlapAnswer.SHORT).with("ETag", document.etag());
    }

    /// How long a Computer's own agent would like to wait for a change (RFC 7240, `Prefer: wait=30`).
    private static Duration patience(Request request) {
        return request.call()
                .header("prefer")
                .filter(_ -> request.requester() instanceof Requester.Computer
                        && request.call().isGet())
                .map(WAIT::matcher)
                .filter(Matcher::find)
                .map(wait -> Duration.ofSeconds(Math.min(Integer.parseInt(wait.group(1)), MOST_SECONDS)))
                .orElse(Duration.ZERO);
    }

    private Answer own(String guid, Target target) {
        var partitions = instances
                .byReference(guid)
                .flatMap(FindInstances.Found::placed)
                .flatMap(placed -> instances.partition(placed.computer(), placed.partition()))
                .stream()
                .toList();
        return SlapAnswer.document(
                new ComputerInformation(target.computer(), partitions, List.of()).write(), SlapAnswer.SHORT);
    }

    /// The Computer that a capacity document is about.
    Target configured(Form form) {
        return Target.of(configuration(form).reference());
    }

    Answer configure(Request request, Target target) {
        return SlapAnswer.of(load.load(configuration(request.form())), "Content properly posted.");
    }

    private static ComputerConfiguration configuration(Form form) {
        return ComputerConfiguration.of(MarshalReader.read(form.required("xml")));
    }

    Answer use(Request request, Target target) {
        try {
            return SlapAnswer.of(usage.record(target.computer(), request.form().required("use_string")), "OK");
        } catch (MalformedException e) {
            return SlapAnswer.silent(400, String.valueOf(e.getMessage()));
        }
    }

    Answer bang(Request request, Target target) {
        return SlapAnswer.of(
                bang.bangAll(target.computer(), request.form().get("message").orElse("")), "None");
    }

    Answer request(Request request, Target target) {
        if (!(request.requester() instanceof Requester.Person(var person))) {
            throw new IllegalStateException("only persons are let in here");
        }
        return switch (register.find(
                person,
                request.form().required("computer_title"),
                request.form().get("project_reference").filter(text -> !text.isEmpty()))) {
            case RegisterComputer.Named.Refused(var problem) -> SlapAnswer.refused(problem);
            case RegisterComputer.Named.Computer(var reference) ->
                SlapAnswer.document(
                        new Value.SlapObject(
                                "Computer",
                                List.of(Value.of(reference.text())),
                                Value.texts(Map.of("_computer_id", reference.text()))),
                        "private");
        };
    }

    Answer generateCertificate(Request request, Target target) {
        var own = request.form()
                .get("certificate_signing_request")
                .filter(pem -> !pem.isBlank())
                .map(SigningRequest::read);
        return switch (certificates.generate(target.computer(), own)) {
            case ComputerCertificates.Generated.Refused(var problem) -> SlapAnswer.refused(problem);
            case ComputerCertificates.Generated.Pair(var certificate, var key) ->
                SlapAnswer.document(Value.texts(Map.of("certificate", certificate, "key", key)), "no-store");
        };
    }

    /// Where the hypermedia API begins.
    Answer hateoasUrl(Request request) {
        var url = request.call().absolute("hateoas/").toString();
        return SlapAnswer.text(url)
                .with("Cache-Control", "max-age=3600")
                .with("Vary", "REMOTE_USER")
                .with("ETag", '"' + url + '"');
    }

    Answer revokeCertificate(Request request, Target target) {
        return SlapAnswer.of(certificates.revoke(target.computer()), "None");
    }
}
