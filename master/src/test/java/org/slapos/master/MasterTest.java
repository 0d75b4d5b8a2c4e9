package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.master.db.TestDatabase;
import org.slapos.master.party.TrustedFrontends;

class MasterTest {
    private static final InstantSource CLOCK = InstantSource.system();

    @TempDir
    private Path folder;

    @Test
    void aMasterAnswersOverTlsThatItsAuthorityVouchesFor() throws Exception {
        try (var master = TestMaster.open(folder, CLOCK);
                var client = master.client(Optional.empty());
                var stranger = HttpClient.newHttpClient()) {
            Files.writeString(folder.resolve("software/a.cfg"), "[buildout]\n");

            var health = master.get(client, "health");
            assertThat(health.statusCode()).isEqualTo(200);
            assertThat(health.body()).contains("\"status\":\"ok\"");
            assertThat(health.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(master.get(client, "software/a.cfg").body()).isEqualTo("[buildout]\n");
            assertThat(master.get(client, "nothing").statusCode()).isEqualTo(404);
            assertThatThrownBy(() -> master.get(stranger, "health")).isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void theAuthorityAndTheFirstTokenOutliveARestart() throws Exception {
        try (var master = TestMaster.open(folder, CLOCK)) {
            var authority = Files.readString(master.configuration().authorityFile());
            var token = Files.readString(master.configuration().firstTokenFile());
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(master.configuration().firstTokenFile())))
                    .isEqualTo("rw-------");

            master.restart();

            assertThat(Files.readString(master.configuration().authorityFile())).isEqualTo(authority);
            assertThat(Files.readString(master.configuration().firstTokenFile()))
                    .isEqualTo(token);
            try (var client = master.client(Optional.empty())) {
                assertThat(master.get(client, "health").statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void aLostKeyFileStopsTheMasterInsteadOfBeingReplaced() throws Exception {
        var configuration = TestMaster.configuration(folder, Optional.of(TestDatabase.freshAddress()));
        Master.open(configuration, CLOCK, new SecureRandom()).close();
        Files.delete(configuration.keyFile());

        assertThatThrownBy(() -> Master.open(configuration, CLOCK, new SecureRandom()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is missing: bring it back");
        assertThat(configuration.keyFile()).doesNotExist();
    }

    @Test
    void aPortInUseIsOneSentence() throws Exception {
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var free = TestMaster.configuration(folder, Optional.of(TestDatabase.freshAddress()));
            var taken = new MasterConfiguration(
                    free.data(),
                    free.keyFile(),
                    free.host(),
                    other.getLocalPort(),
                    List.of(),
                    Optional.empty(),
                    false,
                    free.software(),
                    free.database(),
                    0,
                    free.postgresUser(),
                    Optional.empty(),
                    TrustedFrontends.NONE,
                    0,
                    free.people());
            assertThatThrownBy(() -> Master.open(taken, CLOCK, new SecureRandom()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("port " + other.getLocalPort());
        }
    }

    @Test
    void theEmbeddedDatabaseIsTheDefault() throws Exception {
        var root = TestDatabase.folder();
        try {
            var configuration = TestMaster.configuration(root, Optional.empty());
            try (var master = Master.open(configuration, CLOCK, new SecureRandom())) {
                assertThat(master.url().getPort()).isPositive();
                assertThat(configuration.data().resolve("postgres-data")).isDirectory();
            }
        } finally {
            TestDatabase.delete(root);
        }
    }
}
