package org.slapos.master.registration;

import java.util.Map;
import java.util.Optional;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.RevocationLists;

/// What outsiders need to check our certificates, for anybody: `/ca.crt` (what to trust, PEM), `/crl` (revoked
/// certificates of the key that issues now, DER), `/crl/N` (of the signing key N, DER), `/crl.pem` (of all, PEM).
public final class PublishedTrust {
    private static final String CACHING = "public, max-age=60, must-revalidate";

    private final CertificateAuthority authority;
    private final RevocationLists lists;

    public PublishedTrust(CertificateAuthority authority, RevocationLists lists) {
        this.authority = authority;
        this.lists = lists;
    }

    public Answer authority(Call call) {
        return asked(
                call,
                () -> Answer.ok("application/x-pem-file", authority.certificatePem())
                        .with("Cache-Control", CACHING));
    }

    public Answer current(Call call) {
        return asked(call, () -> published(call, "application/pkix-crl", lists.current()));
    }

    public Answer all(Call call) {
        return asked(call, () -> published(call, "application/x-pem-file", lists.all()));
    }

    public Answer one(Call call) {
        return asked(
                call,
                () -> number(call.path())
                        .flatMap(lists::of)
                        .map(list -> published(call, "application/pkix-crl", list))
                        .orElseGet(
                                () -> Answer.text(404, "There is no signing key '" + call.path() + "' with a list.")));
    }

    private static Optional<Integer> number(String text) {
        return text.matches("[0-9]{1,9}") ? Optional.of(Integer.valueOf(text)) : Optional.empty();
    }

    private interface Asked {
        Answer answer();
    }

    private static Answer asked(Call call, Asked asked) {
        return call.isGet() ? asked.answer() : Answer.methodNotAllowed("GET, HEAD");
    }

    private static Answer published(Call call, String type, RevocationLists.Published list) {
        var etag = '"' + list.version() + '"';
        var answer =
                call.has(etag) ? Answer.notModified(etag) : new Answer(200, Map.of("Content-Type", type), list.bytes());
        return answer.with("ETag", etag).with("Cache-Control", CACHING);
    }
}
