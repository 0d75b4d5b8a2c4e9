package org.slapos.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationReaderTest {
    @TempDir
    private Path folder;

    private Optional<Path> file(String text) throws Exception {
        return Optional.of(Files.writeString(folder.resolve("master.cfg"), text));
    }

    @Test
    void theCommandLineWinsOverTheFile() throws Exception {
        var file = file("[master]\nport = 1000\nname = a.example\n  b.example\n");
        var configuration = ConfigurationReader.read(Map.of("port", "2000", "data", "/srv/m"), file);
        assertThat(configuration.port()).isEqualTo(2000);
        assertThat(configuration.names()).containsExactly("a.example", "b.example");
        assertThat(configuration.keyFile()).isEqualTo(Path.of("/srv/m.key"));
    }

    @Test
    void everythingWrongIsToldAtOnce() throws Exception {
        var file = file("[master]\nprot = 1\nname = a_b\nplain-http = maybe\n");
        assertThatThrownBy(() -> ConfigurationReader.read(
                        Map.of("port", "99999", "database-url", "mysql://x", "data", "/a", "key-file", "/a/key"), file))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("no option 'prot', did you mean 'port'?")
                .hasMessageContaining("'a_b'")
                .hasMessageContaining("'plain-http' is wrong")
                .hasMessageContaining("'port' is wrong")
                .hasMessageContaining("'database-url' is wrong")
                .hasMessageContaining("inside the data folder");
    }

    @Test
    void aMissingFileIsNamedInFull() {
        assertThatThrownBy(() -> ConfigurationReader.read(Map.of(), Optional.of(folder.resolve("none.cfg"))))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(folder.resolve("none.cfg").toString());
    }

    @Test
    void aPublicUrlIsTheRootOfAServer() throws Exception {
        assertThat(ConfigurationReader.read(Map.of("public-url", "https://master.example/cloud"), Optional.empty())
                        .publicUrl())
                .contains(URI.create("https://master.example/cloud/"));
        for (var wrong :
                List.of("master.example", "ftp://m/", "https:///x", "https://u@m/", "https://m/?a", "https://m /")) {
            assertThatThrownBy(() -> ConfigurationReader.read(Map.of("public-url", wrong), Optional.empty()))
                    .as(wrong)
                    .hasMessageContaining("'public-url' is wrong");
        }
    }

    @Test
    void aPasswordStandsInAFileNotOnTheCommandLine() throws Exception {
        var url = "postgresql://me:hidden@db.example/cloud";
        assertThatThrownBy(() -> ConfigurationReader.read(Map.of("database-url", url), Optional.empty()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("--config")
                .hasMessageNotContaining("hidden");
        assertThat(ConfigurationReader.read(Map.of(), file("[master]\ndatabase-url = " + url + "\n"))
                        .database()
                        .orElseThrow()
                        .password())
                .isEqualTo("hidden");
    }

    @Test
    void plainHttpStaysOnLoopback() {
        assertThatThrownBy(() ->
                        ConfigurationReader.read(Map.of("plain-http", "true", "host", "0.0.0.0"), Optional.empty()))
                .hasMessageContaining("loopback only");
    }
}
