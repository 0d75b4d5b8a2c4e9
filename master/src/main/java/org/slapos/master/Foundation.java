package org.slapos.master;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slapos.master.db.Database;
import org.slapos.master.db.EmbeddedPostgres;
import org.slapos.master.party.InviteFirstPerson;
import org.slapos.master.party.Token;
import org.slapos.master.pki.CertificateAuthority;
import org.slapos.master.pki.ImportedAuthority;
import org.slapos.master.pki.KeyFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What every Master stands on: its folder, its database, its authority; made where missing.
final class Foundation implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Foundation.class);
    static final String DATABASE = "slapos";
    private static final int CONNECTIONS = 20;

    private final Optional<EmbeddedPostgres> postgres;
    private final Database database;
    private final CertificateAuthority authority;

    private final InstantSource clock;
    private final SecureRandom random;

    private Foundation(
            Optional<EmbeddedPostgres> postgres,
            Database database,
            CertificateAuthority authority,
            InstantSource clock,
            SecureRandom random) {
        this.clock = clock;
        this.random = random;
        this.postgres = postgres;
        this.database = database;
        this.authority = authority;
    }

    /// @param again the first person lost their certificate and gets a new token
    /// @throws IOException with one sentence that says what is in the way
    static Foundation lay(MasterConfiguration configuration, InstantSource clock, SecureRandom random, boolean again)
            throws IOException {
        return lay(configuration, clock, random, new Beginning(again, Optional.empty()));
    }

    /// What is asked for once.
    ///
    /// @param again    the first person lost their certificate and gets a new token
    /// @param imported the authority to begin with
    record Beginning(boolean again, Optional<ImportedAuthority> imported) {}

    /// @throws IOException with one sentence that says what is in the way
    static Foundation lay(
            MasterConfiguration configuration, InstantSource clock, SecureRandom random, Beginning beginning)
            throws IOException {
        refuseRoot(configuration);
        makeFolder(configuration);
        var postgres = configuration.database().isEmpty()
                ? Optional.of(postgres(configuration))
                : Optional.<EmbeddedPostgres>empty();
        try {
            var address = postgres.isPresent()
                    ? postgres.get().database(DATABASE)
                    : configuration.database().orElseThrow();
            return onDatabase(configuration, clock, random, beginning, postgres, Database.open(address, CONNECTIONS));
        } catch (IOException | RuntimeException e) {
            if (postgres.isPresent()) {
                postgres.get().close();
            }
            throw e;
        }
    }

    static EmbeddedPostgres postgres(MasterConfiguration configuration) throws IOException {
        return EmbeddedPostgres.start(new EmbeddedPostgres.Settings(
                configuration.data(),
                configuration.data(),
                configuration.postgresPort(),
                configuration.postgresUser(),
                true));
    }

    private static Foundation onDatabase(
            MasterConfiguration configuration,
            InstantSource clock,
            SecureRandom random,
            Beginning beginning,
            Optional<EmbeddedPostgres> postgres,
            Database database)
            throws IOException {
        try {
            var passphrase = passphrase(configuration);
            if (!CertificateAuthority.isIn(database)) {
                KeyFile.createIfMissing(configuration.keyFile(), passphrase, random);
            }
            var keyFile = KeyFile.read(configuration.keyFile(), passphrase, random);
            var authority = CertificateAuthority.open(database, keyFile, random, clock.instant(), beginning.imported());
            replace(configuration.authorityFile(), authority.certificatePem(), "rw-r--r--");
            var invite = new InviteFirstPerson(database, clock, random, authority);
            keepToken(configuration.firstTokenFile(), invite, beginning.again());
            return new Foundation(postgres, database, authority, clock, random);
        } catch (IOException | RuntimeException e) {
            database.close();
            throw e;
        }
    }

    static Optional<String> passphrase(MasterConfiguration configuration) throws IOException {
        if (configuration.passphraseFile().isEmpty()) {
            return Optional.empty();
        }
        var file = configuration.passphraseFile().get();
        try {
            var phrase = Files.readString(file).strip();
            if (phrase.isEmpty()) {
                throw new IOException("There is no passphrase in " + file + " (key-passphrase-file).");
            }
            return Optional.of(phrase);
        } catch (NoSuchFileException | AccessDeniedException e) {
            throw new IOException("The passphrase file " + file + " cannot be read (key-passphrase-file).", e);
        }
    }

    Database database() {
        return database;
    }

    CertificateAuthority authority() {
        return authority;
    }

    InstantSource clock() {
        return clock;
    }

    SecureRandom random() {
        return random;
    }

    /// Every name and address under which this server may be called.
    static List<String> serverNames(MasterConfiguration configuration) {
        Set<String> names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "::1"));
        try {
            var name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
            if (name.matches("[A-Za-z0-9][A-Za-z0-9.-]{0,252}")) {
                names.add(name);
            }
        } catch (IOException e) {
            log.debug("this machine's name is not known", e);
        }
        var host = configuration.host();
        if (!host.equals("::") && !host.equals("0.0.0.0")) {
            names.add(host);
        }
        names.addAll(configuration.names());
        return List.copyOf(names);
    }

    private static void refuseRoot(MasterConfiguration configuration) throws IOException {
        boolean isRoot = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        if (isRoot && configuration.postgresUser().isEmpty()) {
            throw new IOException("The Master does not run as root: start it as the user 'slapos', for example by"
                    + " setpriv --reuid=slapos --regid=slapos --init-groups.");
        }
    }

    private static void makeFolder(MasterConfiguration configuration) throws IOException {
        var data = configuration.data();
        try {
            if (Files.notExists(data)) {
                Files.createDirectories(
                        data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            }
        } catch (IOException e) {
            throw new IOException(
                    "Cannot make the data folder " + data + " (" + e.getClass().getSimpleName()
                            + "): make it for this user, or choose another by --data.",
                    e);
        }
        if (!Files.isDirectory(data) || !Files.isWritable(data)) {
            throw new IOException("Cannot write in the data folder " + data
                    + ": make it a folder of this user, or choose another by --data.");
        }
        long free = Files.getFileStore(data).getUsableSpace();
        if (free < configuration.minFreeBytes()) {
            throw new IOException("Only " + (free >> 20) + " MB are free for " + data + ", the floor is "
                    + (configuration.minFreeBytes() >> 20) + " MB: make room, or lower min-free-mb.");
        }
    }

    /// The token is in its file as long as it is of use.
    private static void keepToken(Path file, InviteFirstPerson invite, boolean again) throws IOException {
        if (!again && Files.exists(file) && !invite.isDone()) {
            return;
        }
        Optional<Token> token = invite.invite(again);
        if (token.isPresent()) {
            replace(file, token.get().text() + "\n", "rw-------");
            log.info("wrote the first person's one-time token to {}", file);
        } else {
            Files.deleteIfExists(file);
        }
    }

    /// Whole or not at all.
    static void replace(Path file, String text, String permissions) throws IOException {
        var fresh = Files.createTempFile(file.getParent(), ".fresh", "");
        try {
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString(permissions));
            Files.writeString(fresh, text, StandardCharsets.US_ASCII);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    @Override
    public void close() throws IOException {
        database.close();
        if (postgres.isPresent()) {
            postgres.get().close();
        }
    }

    /// For messages: how callers reach the address it listens on.
    static String callable(InetAddress address) {
        if (address.isAnyLocalAddress()) {
            return "localhost";
        }
        var text = address.getHostAddress();
        return text.indexOf(':') >= 0 ? "[" + text + "]" : text;
    }
}
