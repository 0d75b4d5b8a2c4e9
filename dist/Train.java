import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Makes the archive of loaded classes of the client: runs one command against a Master of three fixed answers, over
/// TLS with a client certificate, and lets the JVM record what it loaded and linked (JEP 514).
///
/// Run from its source when the programs are assembled: `java Train.java HOME`. The archive is `HOME/lib/cli.aot`; it
/// stays valid where HOME is copied to, and is left aside by another JDK.
public final class Train {
    private static final String PASSWORD = "training";

    private Train() {}

    public static void main(String[] arguments) throws Exception {
        var home = Path.of(arguments[0]).toRealPath();
        var folder = Files.createTempDirectory("slapos-train-");
        try {
            train(home, folder);
        } finally {
            try (var files = Files.walk(folder)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void train(Path home, Path folder) throws Exception {
        var keys = keys(folder);
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(asking(tls(keys)));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        var url = "https://127.0.0.1:" + server.getAddress().getPort();
        server.createContext("/", exchange -> answer(exchange, url));
        server.start();
        try {
            var archive = home.resolve("lib/cli.aot");
            Files.deleteIfExists(archive);
            var configuration = configuration(folder, keys, url);
            run(
                    folder,
                    Map.of("SLAPOS_JVM_OPTIONS", "-XX:AOTCacheOutput=" + archive, "HOME", folder.toString()),
                    List.of(
                            home.resolve("bin/slapos").toString(),
                            "service",
                            "list",
                            "-o",
                            "table",
                            "--cfg",
                            configuration.toString()));
            if (!Files.exists(archive)) {
                throw new IllegalStateException("the JVM made no archive " + archive);
            }
        } finally {
            server.stop(0);
        }
    }

    /// What the commands that list and show ask for.
    private static void answer(HttpExchange exchange, String url) throws IOException {
        var path = exchange.getRequestURI().getPath();
        var query = String.valueOf(exchange.getRequestURI().getQuery());
        var body =
                switch (path) {
                    case "/slap/getHateoasUrl" -> url + "/hateoas/";
                    case "/hateoas/" -> query.contains("mode=search") ? rows() : root(url);
                    default -> "{}";
                };
        try (exchange; InputStream request = exchange.getRequestBody()) {
            request.readAllBytes();
            var bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/hal+json; charset=utf-8");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private static String root(String url) {
        return """
                {"_links": {"self": {"href": "%1$s/hateoas/"},
                    "raw_search": {"href": "%1$s/hateoas/?mode=search{&query,select_list*,limit}", "templated": true},
                    "traverse": {"href": "%1$s/hateoas/?mode=traverse{&relative_url,view}", "templated": true}}}
                """.formatted(url);
    }

    private static String rows() {
        return """
                {"_embedded": {"contents": [{"title": "blog", "url_string": "https://soft.example/wp.cfg"}]}}
                """;
    }

    private static HttpsConfigurator asking(SSLContext context) {
        return new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                var wanted = getSSLContext().getDefaultSSLParameters();
                wanted.setWantClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        };
    }

    private static SSLContext tls(KeyStore keys) throws GeneralSecurityException {
        var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD.toCharArray());
        var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(keys);
        var context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }

    /// One certificate for both sides, as curve and key size are those of the Master's.
    private static KeyStore keys(Path folder) throws Exception {
        var file = folder.resolve("keys.p12");
        run(
                folder,
                Map.of(),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                        "-genkeypair",
                        "-alias",
                        "training",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=training",
                        "-ext",
                        "SAN=IP:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        file.toString()));
        var keys = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        keys.setCertificateEntry("authority", keys.getCertificate("training"));
        return keys;
    }

    private static Path configuration(Path folder, KeyStore keys, String url) throws Exception {
        var certificate = pem(
                folder.resolve("training.crt"),
                "CERTIFICATE",
                keys.getCertificate("training").getEncoded());
        var key = pem(
                folder.resolve("training.key"),
                "PRIVATE KEY",
                keys.getKey("training", PASSWORD.toCharArray()).getEncoded());
        return Files.writeString(folder.resolve("client.cfg"), """
                [slapos]
                master_url = %s/slap
                cert_file = %s
                key_file = %s
                master_ca_file = %s
                """.formatted(url, certificate, key, certificate));
    }

    private static Path pem(Path file, String what, byte[] der) throws IOException {
        var lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(
                file, "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n");
    }

    private static void run(Path folder, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        var output = folder.resolve("output");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        var process = builder.start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        if (process.waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command) + " failed:\n" + Files.readString(output));
        }
    }
}
