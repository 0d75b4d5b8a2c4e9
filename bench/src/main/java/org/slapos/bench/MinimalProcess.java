package org.slapos.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The minimal server in a process of its own.
///
/// @param root the certificate that verifies it
record MinimalProcess(Running running, URI address, Path root) implements AutoCloseable {
    private static final String PASSWORD = "minimal";

    static MinimalProcess start(Path folder, Path body) throws IOException, InterruptedException {
        return start(folder, body, MinimalServer.JDK);
    }

    /// @param provider of the TLS engine
    static MinimalProcess start(Path folder, Path body, String provider) throws IOException, InterruptedException {
        Files.deleteIfExists(folder.resolve("minimal.p12"));
        var keyStore = folder.resolve("minimal.p12");
        var root = folder.resolve("minimal.crt");
        keytool(
                folder,
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                keyStore.toString(),
                "-storepass",
                PASSWORD);
        keytool(
                folder,
                "-exportcert",
                "-rfc",
                "-alias",
                "server",
                "-file",
                root.toString(),
                "-keystore",
                keyStore.toString(),
                "-storepass",
                PASSWORD);
        var log = folder.resolve("minimal.log");
        // The same options as the launcher gives to the Master.
        var running = Running.start(
                log,
                List.of(
                        Jvm.program("java"),
                        "-XX:+UseG1GC",
                        "-Xms32m",
                        "-Xmx512m",
                        "-Dslf4j.internal.verbosity=ERROR",
                        "--enable-native-access=ALL-UNNAMED", // Conscrypt's library
                        "-cp",
                        System.getProperty("java.class.path"),
                        MinimalServer.class.getName(),
                        keyStore.toString(),
                        PASSWORD,
                        body.toString(),
                        provider));
        return new MinimalProcess(running, URI.create("https://127.0.0.1:" + port(running, log)), root);
    }

    private static String port(Running running, Path log) throws IOException, InterruptedException {
        while (true) {
            running.requireAlive();
            var said = Files.readAllLines(log).stream()
                    .filter(line -> line.matches("[0-9]+"))
                    .findFirst();
            if (said.isPresent()) {
                return said.get();
            }
            Thread.sleep(50);
        }
    }

    private static void keytool(Path folder, String... arguments) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of(Jvm.program("keytool")));
        line.addAll(List.of(arguments));
        Running.toTheEnd(folder.resolve("keytool.log"), line);
    }

    @Override
    public void close() {
        running.close();
    }
}
