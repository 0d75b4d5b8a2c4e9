package org.slapos.protocol.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.Set;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.jsonrpc.CertificateCall;

/// Renews the certificate in the two files of an identity. It may be ended at any moment: the new key waits in
/// `<key>.next` until its certificate is there in `<certificate>.next`, and then both take their places; what is left
/// half-way is finished by the next call, and the same key asked for again gets the same certificate. For one caller at
/// a time.
public final class RenewIdentity {
    private static final int MAX_BYTES = 64 * 1024;

    private final SlapClient.Identity identity;
    private final Path nextKey;
    private final Path nextCertificate;

    public RenewIdentity(SlapClient.Identity identity) {
        this.identity = identity;
        this.nextKey = sibling(identity.key());
        this.nextCertificate = sibling(identity.certificate());
    }

    private static Path sibling(Path file) {
        return file.resolveSibling(file.getFileName() + ".next");
    }

    /// Puts what a call that was ended has left into its place. To be done before the files are used.
    public void finish() throws IOException {
        if (Files.exists(nextCertificate)) {
            if (Files.exists(nextKey)) {
                Files.move(nextKey, identity.key(), StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(nextCertificate, identity.certificate(), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /// When the Master wants it renewed.
    ///
    /// @throws SlapException when it does not say, as Masters do that know of no renewal
    public static Instant due(SlapClient master) {
        try {
            return Instant.parse(master.json(new CertificateCall.Own()).renewFrom());
        } catch (DateTimeParseException e) {
            throw new MalformedException("the Master's time of renewal is none: " + e.getMessage(), e);
        }
    }

    /// Asks for a certificate of a new key, replaces both files, and has the client use them.
    ///
    /// @param master that shows this identity
    public void renew(SlapClient master) throws IOException {
        finish();
        var key = pending().orElse(null);
        if (key == null) {
            key = OwnKey.make();
            write(nextKey, key.pem());
        }
        var answer = master.json(new CertificateCall.Renew(Optional.of(key.request())));
        if (!key.fits(answer.certificate())) {
            throw new MalformedException("the renewed certificate is not for the key it was asked for");
        }
        write(nextCertificate, answer.certificate());
        finish();
        master.rereadFiles();
    }

    private Optional<OwnKey> pending() throws IOException {
        if (!Files.exists(nextKey) || Files.size(nextKey) > MAX_BYTES) {
            return Optional.empty();
        }
        try {
            return Optional.of(OwnKey.read(Files.readString(nextKey)));
        } catch (MalformedException _) {
            return Optional.empty(); // not written to its end
        }
    }

    private static void write(Path file, String text) throws IOException {
        var fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var channel =
                FileChannel.open(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
            var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
