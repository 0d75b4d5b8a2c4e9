package org.slapos.master;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slapos.master.db.DatabaseAddress;
import org.slapos.master.mail.SmtpMail;
import org.slapos.master.party.TrustedFrontends;
import org.slapos.master.party.Welcome;

/// All that a Master is told from outside, read once.
///
/// @param data          its folder: the embedded database, `ca.crt`, the first person's token
/// @param keyFile       the key under which private keys rest; beside the data, not inside
/// @param host          address to listen on
/// @param port          0 for any free one
/// @param names         further host names and addresses that callers use for this server
/// @param publicUrl     the root as callers reach it, when something stands between; ends in a slash
/// @param plainHttp     without TLS, and so without identities; on loopback only
/// @param software      the catalogue's folder
/// @param database      a PostgreSQL to use; without it the embedded one
/// @param postgresPort  of the embedded one; 0 for any free one
/// @param postgresUser  who runs the embedded PostgreSQL when the Master is started by root, which it refuses otherwise
/// @param passphraseFile holds the passphrase of the key file
/// @param frontends     who may name identities by a header
/// @param minFreeBytes  with less room for `data` it does not start
/// @param people        how people come in
public record MasterConfiguration(
        Path data,
        Path keyFile,
        String host,
        int port,
        List<String> names,
        Optional<URI> publicUrl,
        boolean plainHttp,
        Optional<Path> software,
        Optional<DatabaseAddress> database,
        int postgresPort,
        Optional<String> postgresUser,
        Optional<Path> passphraseFile,
        TrustedFrontends frontends,
        long minFreeBytes,
        People people) {
    public static final Path DEFAULT_DATA = Path.of("/var/lib/slapos-master");
    public static final Path DEFAULT_FILE = Path.of("/etc/opt/slapos/master.cfg");
    public static final int DEFAULT_PORT = 8443;
    public static final long DEFAULT_MIN_FREE_BYTES = 200L << 20;

    /// How people come in.
    ///
    /// @param defaultAssignments the functions that every new person receives
    /// @param selfRegistration   whether anybody may register
    /// @param smtp               sends mail; without it, mails are written into the data folder's `mail`
    public record People(
            List<Welcome.DefaultAssignment> defaultAssignments,
            boolean selfRegistration,
            Optional<SmtpMail.Server> smtp) {

        public People {
            defaultAssignments = List.copyOf(defaultAssignments);
        }
    }

    public MasterConfiguration {
        names = List.copyOf(names);
    }

    /// Where mails are written when nothing sends them.
    public Path mailFolder() {
        return data.resolve("mail");
    }

    /// The certificate that callers trust, as a file.
    public Path authorityFile() {
        return data.resolve("ca.crt");
    }

    /// Where the first person finds their one-time token.
    public Path firstTokenFile() {
        return data.resolve("first-person-token");
    }
}
