import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Makes the archives of loaded classes: runs a program for a moment and lets the JVM record what it loaded and linked
/// (JEP 514). The client does one command against a Master of three fixed answers, over TLS with a client certificate;
/// the proxy starts, answers a few calls and is ended; meanwhile the agent of a node of one partition, that has no rights
/// on this machine, does over TLS what the proxy wants.
///
/// Run from its source when the programs are assembled: `java Train.java HOME`. The archives are `HOME/lib/cli.aot`,
/// `proxy.aot` and `node.aot`; they stay valid where HOME is copied to, and are left aside by another JDK.
public final class Train {
    private static final String PASSWORD = "training";
    private static final Pattern READY = Pattern.compile("Proxy ready at (http://\\S+)");

    /// A computer with a partition, an instance, and how both are read.
    private static final List<List<String>> PROXY_CALLS = List.of(
            computer("computer"),
            List.of("supplySupply", "url=https://soft.example/wp.cfg&computer_id=computer&state=available"),
            request("https://soft.example/wp.cfg", "computer"),
            List.of("getFullComputerInformation?computer_id=computer"),
            List.of("slapos.allDocs.v0.instance_tree_list", "{}"),
            List.of("hateoas/"));

    private Train() {}

    public static void main(String[] arguments) throws Exception {
        var home = Path.of(arguments[0]).toRealPath();
        var folder = Files.createTempDirectory("slapos-train-");
        try {
            var keys = keys(folder);
            client(home, folder, keys);
            proxy(home, folder, keys);
            for (var program : List.of("help", "proxy", "node")) {
                // A JVM that must start from the archive says so when it cannot.
                run(
                        folder,
                        Map.of("SLAPOS_JVM_OPTIONS", "-XX:AOTMode=on"),
                        List.of(home.resolve("bin/slapos").toString(), program, "--help"));
            }
        } finally {
            try (var files = Files.walk(folder)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void client(Path home, Path folder, KeyStore keys) throws Exception {
        var server = server(keys);
        var url = url(server);
        server.createContext("/", exchange -> answer(exchange, url));
        server.start();
        try {
            var archive = noArchive(home.resolve("lib/cli.aot"));
            var configuration = configuration(folder, keys, url);
            run(
                    folder,
                    recording(archive),
                    List.of(
                            home.resolve("bin/slapos").toString(),
                            "service",
                            "list",
                            "--cfg",
                            configuration.toString()));
            requireArchive(archive);
        } finally {
            server.stop(0);
        }
    }

    private static HttpsServer server(KeyStore keys) throws Exception {
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(asking(tls(keys)));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        return server;
    }

    private static String url(HttpsServer server) {
        return "https://localhost:" + server.getAddress().getPort();
    }

    private static void proxy(Path home, Path folder, KeyStore keys) throws Exception {
        var archive = noArchive(home.resolve("lib/proxy.aot"));
        var builder = new ProcessBuilder(
                        home.resolve("bin/slapos").toString(), "proxy", "start", "--port", "0")
                .redirectError(folder.resolve("proxy.log").toFile());
        builder.environment().putAll(recording(archive));
        var process = builder.start();
        try (var output = process.inputReader()) {
            var url = awaitUrl(output);
            for (var call : PROXY_CALLS) {
                call(url, call);
            }
            node(home, folder, keys, url);
            process.toHandle().destroy(); // leaves its streams open
            output.transferTo(Writer.nullWriter());
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                throw new IllegalStateException("the proxy does not end");
            }
        } finally {
            process.destroyForcibly();
        }
        requireArchive(archive);
    }

    /// The agent formats, builds a release of one file, deploys an instance of it with a promise, and polls. All of it as
    /// a user without rights: as nobody when this is root, which has to reach the programs and the JDK.
    private static void node(Path home, Path folder, KeyStore keys, String proxy) throws Exception {
        var work = Files.createDirectory(folder.resolve("node"));
        var archive = noArchive(home.resolve("lib/node.aot"));
        var recorded = work.resolve("node.aot");
        List<String> nobody = List.of();
        var programs = home;
        if ("root".equals(System.getProperty("user.name"))) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            programs = folder.resolve("slapos");
            run(folder, Map.of(), List.of("cp", "-R", home.toString(), programs.toString()));
            nobody = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--");
        }
        var server = server(keys);
        server.createContext("/", exchange -> pass(exchange, proxy));
        server.start();
        try {
            var configuration = nodeConfiguration(work, configuration(work, keys, url(server)));
            var release = release(work);
            call(proxy, computer("node"));
            call(proxy, List.of("supplySupply", "url=" + release + "&computer_id=node&state=available"));
            call(proxy, request(release, "node"));
            if (!nobody.isEmpty()) {
                run(folder, Map.of(), List.of("chown", "-R", "65534:65534", work.toString()));
            }
            var slapos = new ArrayList<>(nobody);
            slapos.addAll(List.of(programs.resolve("bin/slapos").toString(), "node"));
            agent(work, slapos, configuration, recording(recorded));
            var shutdown = new ArrayList<>(slapos);
            shutdown.addAll(List.of("supervisorctl", "--cfg", configuration.toString(), "shutdown"));
            run(folder, Map.of(), shutdown);
            requireArchive(recorded);
            Files.copy(recorded, archive);
        } finally {
            server.stop(0);
        }
    }

    private static void agent(Path work, List<String> slapos, Path configuration, Map<String, String> environment)
            throws Exception {
        var command = new ArrayList<>(slapos);
        command.addAll(List.of("agent", "--cfg", configuration.toString()));
        var log = work.resolve("agent.log");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        var agent = builder.start();
        try {
            var end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
            while (!Files.readString(log).contains("its promises are kept")) {
                if (!agent.isAlive() || System.nanoTime() > end) {
                    throw new IllegalStateException("the agent deploys nothing:\n" + Files.readString(log));
                }
                Thread.sleep(100);
            }
            Thread.sleep(3000); // it polls
            agent.destroy();
            if (!agent.waitFor(2, TimeUnit.MINUTES)) {
                throw new IllegalStateException("the agent does not end:\n" + Files.readString(log));
            }
        } finally {
            agent.destroyForcibly();
        }
    }

    /// The client's, with what a node needs.
    private static Path nodeConfiguration(Path work, Path client) throws IOException {
        for (var name : List.of("software", "instance")) {
            Files.createDirectory(work.resolve(name));
        }
        return Files.writeString(work.resolve("slapos.cfg"), Files.readString(client).replace("/slap\n", "\n") + """
                computer_id = node
                root_check = false
                software_root = %1$s/software
                instance_root = %1$s/instance
                software_min_free_space = 1M
                instance_min_free_space = 1M
                [slapformat]
                partition_amount = 1
                alter_user = false
                alter_network = false
                interface_name = lo
                ipv4_local_network = 127.0.0.0/24
                computer_xml = %1$s/slapos.xml
                """.formatted(work));
    }

    private static Path release(Path work) throws IOException {
        var instance = Files.writeString(work.resolve("instance.cfg.in"), """
                [buildout]
                parts = promise publish
                [promise]
                recipe = slapkit:promise
                output = $${buildout:directory}/etc/promise/exec
                check = exec
                command = /bin/true
                [publish]
                recipe = slapkit:publish
                answer = 42
                """);
        return Files.writeString(work.resolve("software.cfg"), """
                [buildout]
                parts = instance-profile
                [instance-profile]
                recipe = slapkit:template
                url = %s
                output = ${buildout:directory}/instance.cfg
                """.formatted(instance));
    }

    /// As the proxy answers.
    private static void pass(HttpExchange exchange, String proxy) throws IOException {
        try (exchange; var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(
                            URI.create(proxy + exchange.getRequestURI().toString().substring(1)))
                    .method(
                            exchange.getRequestMethod(),
                            HttpRequest.BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()));
            for (var name : List.of("Content-Type", "Accept", "If-None-Match")) {
                var value = exchange.getRequestHeaders().getFirst(name);
                if (value != null) {
                    request.header(name, value);
                }
            }
            var answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            for (var name : List.of("Content-Type", "ETag")) {
                answer.headers().firstValue(name).ifPresent(value -> exchange.getResponseHeaders().set(name, value));
            }
            var body = answer.body();
            exchange.sendResponseHeaders(answer.statusCode(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static String awaitUrl(BufferedReader output) throws IOException {
        for (var line = output.readLine(); line != null; line = output.readLine()) {
            var found = READY.matcher(line);
            if (found.find()) {
                return found.group(1);
            }
        }
        throw new IllegalStateException("the proxy ended before it was ready");
    }

    /// @param call a method and, for a POST, its form or JSON object
    private static void call(String url, List<String> call) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create(url + call.getFirst()));
            if (call.size() > 1) {
                var body = call.getLast();
                request.header("Content-Type", body.startsWith("{") ? "application/json" : "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(body));
            }
            var answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("the proxy answers " + call + " with " + answer);
            }
        }
    }

    private static List<String> computer(String id) {
        return List.of("loadComputerConfigurationFromXML", "xml=" + marshalled("""
                <dictionary id="i2"><string>reference</string><string>%s</string>\
                <string>address</string><string>127.0.0.1</string>\
                <string>netmask</string><string>255.255.255.255</string>\
                <string>partition_list</string><list id="i3"><dictionary id="i4">\
                <string>reference</string><string>slappart0</string>\
                <string>address_list</string><list id="i5"/>\
                <string>tap</string><dictionary id="i6"><string>name</string><string>tap0</string></dictionary>\
                </dictionary></list></dictionary>""".formatted(id)));
    }

    private static List<String> request(Object release, String computer) {
        return List.of(
                "requestComputerPartition",
                "software_release=" + release + "&partition_reference=for-" + computer + "&software_type=default"
                        + "&filter_xml=" + marshalled("<dictionary id=\"i2\"><string>computer_guid</string><string>"
                                + computer + "</string></dictionary>")
                        + "&partition_parameter_xml=" + marshalled("<dictionary id=\"i2\"/>")
                        + "&shared_xml=" + marshalled("<bool>0</bool>")
                        + "&state=" + marshalled("<string>started</string>"));
    }

    private static String marshalled(String value) {
        return URLEncoder.encode("<marshal>" + value + "</marshal>", StandardCharsets.UTF_8);
    }

    private static Path noArchive(Path archive) throws IOException {
        Files.deleteIfExists(archive);
        return archive;
    }

    /// Without what the second compiler would learn from it: these programs have the first one only.
    private static Map<String, String> recording(Path archive) {
        return Map.of(
                "SLAPOS_JVM_OPTIONS",
                "-XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining -XX:AOTCacheOutput=" + archive);
    }

    private static void requireArchive(Path archive) {
        if (!Files.exists(archive)) {
            throw new IllegalStateException("the JVM made no archive " + archive);
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

    /// An authority, and one certificate of it for both sides: curve, chain and names are of the kind of the Master's.
    private static KeyStore keys(Path folder) throws Exception {
        var file = folder.resolve("keys.p12");
        keyPair(folder, file, "authority", "bc:c=ca:true");
        keyPair(folder, file, "training", "SAN=DNS:localhost,IP:127.0.0.1", "-signer", "authority");
        var keys = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        var authority = keys.getCertificate("authority");
        keys.deleteEntry("authority"); // nobody is to show it as their own
        keys.setCertificateEntry("authority", authority);
        return keys;
    }

    private static void keyPair(Path folder, Path file, String name, String extension, String... more) throws Exception {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + name,
                "-ext",
                extension,
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                file.toString()));
        command.addAll(List.of(more));
        run(folder, Map.of(), command);
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
        var authority = pem(
                folder.resolve("authority.crt"),
                "CERTIFICATE",
                keys.getCertificate("authority").getEncoded());
        return Files.writeString(folder.resolve("client.cfg"), """
                [slapos]
                master_url = %s/slap
                cert_file = %s
                key_file = %s
                master_ca_file = %s
                """.formatted(url, certificate, key, authority));
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
