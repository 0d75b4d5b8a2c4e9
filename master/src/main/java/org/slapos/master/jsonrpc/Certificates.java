package org.slapos.master.jsonrpc;

import java.util.Locale;
import java.util.Optional;
import org.slapos.master.instance.HeldCertificates;
import org.slapos.master.instance.HeldCertificates.Held;
import org.slapos.master.party.RenewCertificate;
import org.slapos.master.party.Requester;
import org.slapos.master.pki.SigningRequest;
import org.slapos.protocol.jsonrpc.CertificateCall;
import org.slapos.protocol.jsonrpc.CertificateLife;
import org.slapos.protocol.jsonrpc.CertificatePair;
import org.slapos.protocol.jsonrpc.JsonAnswer;
import org.slapos.protocol.jsonrpc.ResultList;
import org.slapos.protocol.jsonrpc.Rows;
import org.slapos.protocol.jsonrpc.Success;

/// Answers the calls about certificates: everybody's about their own, a person's also about those of what they own.
public record Certificates(Rights rights, RenewCertificate renew, HeldCertificates held) {
    private static final String NO_CERTIFICATE = "CERTIFICATE-NOT-FOUND";

    JsonAnswer answer(Requester who, CertificateCall<?> call) {
        rights.require(who, call.method());
        return switch (call) {
            case CertificateCall.Own() ->
                renew.life(who)
                        .map(life -> new CertificateLife(
                                life.reference(),
                                life.notAfter().toString(),
                                life.renewFrom().toString()))
                        .orElseThrow(() -> JsonRefusal.unauthorized("Show a certificate"));
            case CertificateCall.Renew(var request) -> renewed(who, request);
            case CertificateCall.Listing(boolean all, int limit, int offset) ->
                new ResultList<>(held.list(who, all, limit, offset).stream()
                        .map(Certificates::row)
                        .toList());
            case CertificateCall.Revoke(var serial) -> {
                JsonRefusal.ifAny(held.revoke(who, serial), NO_CERTIFICATE);
                yield new Success("Certificate revoked");
            }
        };
    }

    private CertificatePair renewed(Requester who, Optional<String> request) {
        return switch (renew.renew(who, request.map(SigningRequest::read))) {
            case RenewCertificate.Renewed.Refused(var problem) -> throw JsonRefusal.of(problem, NO_CERTIFICATE);
            case RenewCertificate.Renewed.Issued(var issued) ->
                new CertificatePair(issued.certificatePem(), issued.keyPem());
        };
    }

    private static Rows.Certificate row(Held held) {
        var certificate = held.certificate();
        return new Rows.Certificate(
                certificate.holder().reference(),
                certificate.holder().kind().name(),
                certificate.serial(),
                state(held),
                certificate.issuedAt().toString(),
                certificate.notAfter().toString(),
                certificate.endsAt().map(Object::toString),
                certificate.usedAt().map(Object::toString));
    }

    private static String state(Held held) {
        if (held.works()) {
            return held.certificate().endsAt().isEmpty() ? "works" : "ends";
        }
        var why = held.certificate().why();
        return (why.isEmpty() ? "EXPIRED" : why).toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
