package org.slapos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheLookupTest {
    private static final String METADATA = "{\"sha512\": \"9b71d2\", \"url\": \"http://x/a.tar.gz\", \"file\": \"a\"}";

    @TempDir
    private Path folder;

    private LoopbackMaster cache;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void open() throws IOException {
        cache = new LoopbackMaster();
    }

    @AfterEach
    void close() {
        cache.close();
    }

    private int slapos(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var environment =
                Map.of("SLAPOS_CONFIGURATION", folder.resolve("slapos.cfg").toString());
        return Main.run(environment, new PrintWriter(out), new PrintWriter(err), arguments);
    }

    private void configure(String certificates) throws IOException {
        Files.writeString(folder.resolve("slapos.cfg"), """
                [slapos]
                computer_id = COMP-1
                [networkcache]
                download-dir-url = %1$s/dir/
                download-binary-dir-url = %1$s/dir
                signature-certificate-list =
                  -----BEGIN CERTIFICATE-----
                  this is none
                  -----END CERTIFICATE-----
                %2$s
                """.formatted(cache.url(), certificates.indent(2)));
    }

    /// Key pair and certificate by the JDK's own tool.
    private KeyStore keys() throws IOException, GeneralSecurityException, InterruptedException {
        var store = folder.resolve("keys.p12");
        var tool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "uploader",
                        "-keyalg",
                        "RSA",
                        "-keysize",
                        "2048",
                        "-dname",
                        "CN=uploader",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "secret")
                .inheritIO()
                .start();
        assertThat(tool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        try (var in = Files.newInputStream(store)) {
            var keys = KeyStore.getInstance("PKCS12");
            keys.load(in, "secret".toCharArray());
            return keys;
        }
    }

    @Test
    @Tag("checklist:CL-02")
    @Tag("checklist:CL-03")
    void anEntrySaysWhetherSomebodyTrustedSignedIt() throws Exception {
        var keys = keys();
        var certificate = keys.getCertificate("uploader");
        configure("-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n");
        var signer = Signature.getInstance("SHA1withRSA");
        signer.initSign((PrivateKey) keys.getKey("uploader", "secret".toCharArray()));
        signer.update(METADATA.getBytes(StandardCharsets.UTF_8));
        var signature = Base64.getEncoder().encodeToString(signer.sign());
        var text = new ObjectMapper().writeValueAsString(METADATA);
        cache.answers(
                "file-urlmd5:5b6061a76e3dd978a599ce4f45b9a836",
                "[[" + text + ", \"" + signature + "\"], [" + text + ", \"\"], [" + text.replace("9b71d2", "9b71d3")
                        + ", \"" + signature + "\"]]");

        assertThat(slapos("cachelookup", "url", "http://x/a.tar.gz"))
                .as(err.toString())
                .isZero();

        assertThat(out.toString()).isEqualTo("""
                URL                SHA512  VERIFIED
                http://x/a.tar.gz  9b71d2  yes
                http://x/a.tar.gz  9b71d2  no
                http://x/a.tar.gz  9b71d3  no
                """);
        assertThat(err.toString()).contains("WARNING a certificate of signature-certificate-list is passed over");
    }

    @Test
    @Tag("checklist:CL-01")
    @Tag("checklist:CL-04")
    void anEggIsFoundByNameAndVersionAndASoftwareReleaseByItsUrlOrMd5() throws IOException {
        configure("");
        cache.answers(
                        "pypi:setuptools=40.8.0",
                        "[[\"{\\\"sha512\\\": \\\"1\\\", \\\"basename\\\": \\\"s.zip\\\"}\", \"\"]]")
                .answers(
                        "5d41402abc4b2a76b9719d911017c592",
                        "[[\"{\\\"sha512\\\": \\\"2\\\", \\\"os\\\": [\\\"plan9\\\", \\\"4\\\"]}\", \"\"]]");

        assertThat(slapos("cachelookup", "pypi", "setuptools", "40.8.0")).isZero();
        assertThat(out.toString()).isEqualTo("BASENAME  SHA512  VERIFIED\ns.zip     1       no\n");
        assertThat(slapos("cachelookup", "binary-sr", "hello", "-o", "name")).isZero();
        assertThat(out.toString()).isEqualTo("2\n");
        assertThat(slapos("cachelookup", "binary-sr", "5d41402abc4b2a76b9719d911017c592"))
                .isZero();
        assertThat(out.toString()).isEqualTo("""
                SOFTWARE URL  MULTIARCH  OS       COMPATIBLE  SHA512  VERIFIED
                                         plan9 4  no          2       no
                """);
    }

    @Test
    @Tag("checklist:CL-02")
    void whatWasBuiltOnAMachineLikeThisRunsHereWhoeverSignedIt() throws IOException {
        configure("");
        var here = new HashMap<String, String>();
        for (var line : Files.readAllLines(Path.of("/etc/os-release"))) {
            var words = line.split("=", 2);
            here.put(words[0], words.length < 2 ? "" : words[1].replace("\"", ""));
        }
        var processor = System.getProperty("os.arch").equals("amd64") ? "x86_64" : System.getProperty("os.arch");
        var json = new ObjectMapper();
        var entries = json.createArrayNode();
        for (var arch : List.of(processor, "vax")) {
            var entry = json.createObjectNode().put("sha512", arch).put("multiarch", arch + "-linux-gnu");
            entry.putArray("os")
                    .add(here.get("ID"))
                    .add(here.getOrDefault("VERSION_ID", ""))
                    .add(here.getOrDefault("VERSION_CODENAME", ""));
            entries.addArray().add(entry.toString()).add("");
        }
        cache.answers("5d41402abc4b2a76b9719d911017c592", entries.toString());

        assertThat(slapos("cachelookup", "binary-sr", "hello", "-o", "json")).isZero();

        var shown = json.readTree(out.toString());
        assertThat(shown).extracting(one -> one.path("compatible").asBoolean()).containsExactly(true, false);
        assertThat(shown).extracting(one -> one.path("verified").asBoolean()).containsExactly(false, false);
    }

    @Test
    @Tag("checklist:CL-01")
    @Tag("checklist:CL-03")
    void whatTheCacheDoesNotKnowEndsWithOneAndAnEmptyListIsFine() throws IOException {
        configure("");

        assertThat(slapos("cachelookup", "pypi", "none", "1")).isEqualTo(1);
        assertThat(err.toString()).contains("ERROR none 1 is not found in the network cache.");
        cache.answers("pypi:none=1", "[]");
        assertThat(slapos("cachelookup", "pypi", "none", "1")).isZero();
        assertThat(out.toString()).isEqualTo("none 1 has no entries in the network cache.\n");

        assertThat(slapos("cachelookup", "url", "http://x/a.tar.gz")).isEqualTo(1);
        assertThat(err.toString()).contains("http://x/a.tar.gz is not found in the network cache.");
        assertThat(slapos("cachelookup", "binary-sr", "http://x/software.cfg")).isEqualTo(1);
        assertThat(err.toString()).contains("http://x/software.cfg is not found in the network cache.");
        cache.close();
        assertThat(slapos("cachelookup", "binary-sr", "http://x/software.cfg")).isEqualTo(1);
        assertThat(err.toString()).contains("ERROR ").contains(cache.url());
    }

    @Test
    void withoutAConfiguredCacheItSaysWhatIsMissing() throws IOException {
        Files.writeString(folder.resolve("slapos.cfg"), "[slapos]\ncomputer_id = COMP-1\n");

        assertThat(slapos("cachelookup", "url", "http://x/")).isEqualTo(1);
        assertThat(err.toString()).contains("download-dir-url is missing in section [networkcache]");
    }
}
