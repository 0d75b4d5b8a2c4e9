package org.slapos.cli.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.protocol.MalformedException;

class ClientConfigurationTest {
    @TempDir
    private Path folder;

    private ClientConfiguration read(String text) throws IOException {
        var file = folder.resolve("slapos-client.cfg");
        Files.writeString(file, text);
        return ClientConfiguration.read(file, path -> path);
    }

    @Test
    void everyProblemIsReportedAtOnce() {
        assertThatThrownBy(() -> read("""
                        [slapos]
                        master_url = https://m.example/slap
                        keyfile = /x
                        cert_file = /nowhere/crt
                        """))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("unknown option 'keyfile', did you mean 'key_file'?")
                .hasMessageContaining("cert_file: cannot read /nowhere/crt")
                .hasMessageContaining("key_file is missing");
    }

    @Test
    void aMasterUrlThatIsNoneIsShown() {
        assertThatThrownBy(() -> read("[slapos]\nmaster_url = m.example\n"))
                .hasMessageContaining("master_url must be like https://host:8443/slap, not 'm.example'");
    }

    @Test
    void aPlainMasterNeedsNoCertificate() throws IOException {
        var read = read("[slapos]\nmaster_url = http://127.0.0.1:5000\n");

        assertThat(read.identity()).isEmpty();
        assertThat(read.master()).hasToString("http://127.0.0.1:5000");
    }

    @Test
    void aMissingFileSaysHowToMakeOne() {
        assertThatThrownBy(() -> ClientConfiguration.read(folder.resolve("gone.cfg"), path -> path))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("gone.cfg. Make one with 'slapos configure client'");
    }
}
