package org.slapos.master;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.slapos.master.db.DatabaseAddress;
import org.slapos.master.db.TestDatabase;
import org.slapos.master.party.TrustedFrontends;
import org.slapos.master.party.Welcome.DefaultAssignment;
import org.slapos.master.pki.IssuedCertificate;

/// A real Master for tests: on a free port, over TLS, in a folder of its own, on a database of its own.
public final class TestMaster implements AutoCloseable {
    private static final char[] NO_PASSWORD = {};

    private final MasterConfiguration configuration;
    private final InstantSource clock;
    private Master master;

    private TestMaster(MasterConfiguration configuration, InstantSource clock) throws IOException {
        this.configuration = configuration;
        this.clock = clock;
        this.master = Master.open(configuration, clock, new SecureRandom());
    }

    /// @param folder an empty folder of the test, such as a `@TempDir`; profiles may be put in its `software`
    public static TestMaster open(Path folder, InstantSource clock) throws IOException {
        return new TestMaster(configuration(folder, Optional.of(TestDatabase.freshAddress())), clock);
    }

    /// As above, on a database that is there already.
    static TestMaster open(Path folder, InstantSource clock, DatabaseAddress database) throws IOException {
        return new TestMaster(configuration(folder, Optional.of(database)), clock);
    }

    /// One more Master on the database and under the key file of this one, with a folder of its own.
    public TestMaster beside(Path folder) throws IOException {
        return new TestMaster(
                new MasterConfiguration(
                        folder.resolve("data"),
                        configuration.keyFile(),
                        configuration.host(),
                        0,
                        List.of(),
                        Optional.empty(),
                        false,
                        configuration.software(),
                        configuration.database(),
                        0,
                        configuration.postgresUser(),
                        Optional.empty(),
                        configuration.frontends(),
                        0,
                        configuration.people()),
                clock);
    }

    /// The configuration of a Master in that folder: a free port of loopback.
    public static MasterConfiguration configuration(Path folder, Optional<DatabaseAddress> database)
            throws IOException {
        return new MasterConfiguration(
                folder.resolve("data"),
                folder.resolve("data.key"),
                "127.0.0.1",
                0,
                List.of(),
                Optional.empty(),
                false,
                Optional.of(Files.createDirectories(folder.resolve("software"))),
                database,
                0,
                TestDatabase.unprivilegedUser(),
                Optional.empty(),
                TrustedFrontends.NONE,
                0,
                new MasterConfiguration.People(DefaultAssignment.CUSTOMER, true, Optional.empty()));
    }

    /// A configuration file that names the database, as its password may not stand on a command line.
    static Path fileNaming(Path folder, DatabaseAddress address) throws IOException {
        var url = address.jdbcUrl()
                .replace("jdbc:postgresql://", "postgresql://" + address.user() + ":" + address.password() + "@");
        var file = Files.writeString(folder.resolve("master.cfg"), "[master]\ndatabase-url = " + url + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    /// `https://127.0.0.1:port/`
    public URI url() {
        return master.url();
    }

    public MasterConfiguration configuration() {
        return configuration;
    }

    /// Closes the Master and opens it again on the same folder and database; its port changes.
    public void restart() throws IOException {
        master.close();
        master = Master.open(configuration, clock, new SecureRandom());
    }

    /// A client that trusts this Master only, and shows the certificate if there is one. Close it.
    public HttpClient client(Optional<IssuedCertificate> identity) throws IOException {
        return HttpClient.newBuilder()
                .sslContext(context(Files.readString(configuration.authorityFile()), identity))
                .build();
    }

    /// One GET by that client.
    public HttpResponse<String> get(HttpClient client, String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(url().resolve(path)).build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /// TLS that trusts the authority and shows the certificate, if there is one.
    public static SSLContext context(String authorityPem, Optional<IssuedCertificate> identity) throws IOException {
        try {
            var trusted = emptyStore();
            trusted.setCertificateEntry("authority", certificate(authorityPem));
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            var own = emptyStore();
            if (identity.isPresent()) {
                var chain = new Certificate[] {certificate(identity.get().certificatePem())};
                var key = identity.get().keyPem().replaceAll("-----[^-]+-----", "");
                var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(key));
                own.setKeyEntry("own", KeyFactory.getInstance("EC").generatePrivate(spec), NO_PASSWORD, chain);
            }
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, NO_PASSWORD);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    private static Certificate certificate(String pem) throws GeneralSecurityException {
        var block = pem.substring(pem.indexOf("-----BEGIN"));
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(block.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public void close() {
        master.close();
    }
}
