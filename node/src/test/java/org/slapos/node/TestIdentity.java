package org.slapos.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// A key with a certificate that it signed itself, made by the JDK's keytool: a key store, and PEM files.
public record TestIdentity(Path store, Path certificateFile, Path keyFile, X509Certificate certificate) {
    public static final String PASSWORD = "changeit";

    /// Of a server of this machine or of its client, from now on.
    public static TestIdentity make(Path folder, String name) throws IOException, GeneralSecurityException {
        return make(folder, name, "-validity", "365");
    }

    /// @param more arguments of `keytool -genkeypair`
    public static TestIdentity make(Path folder, String name, String... more)
            throws IOException, GeneralSecurityException {
        var file = folder.resolve(name + ".p12");
        var line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                "-genkeypair",
                "-alias",
                "it",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                file.toString()));
        line.addAll(List.of(more));
        try {
            var process = new ProcessBuilder(line).redirectErrorStream(true).start();
            var said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException("keytool: " + said);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        var store = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        var certificate = (X509Certificate) store.getCertificate("it");
        var key = store.getKey("it", PASSWORD.toCharArray());
        return new TestIdentity(
                file,
                Files.writeString(folder.resolve(name + ".crt"), pem("CERTIFICATE", certificate.getEncoded())),
                Files.writeString(folder.resolve(name + ".key"), pem("PRIVATE KEY", key.getEncoded())),
                certificate);
    }

    private static String pem(String kind, byte[] content) {
        var body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
    }
}
