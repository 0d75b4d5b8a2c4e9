package org.slapos.master.proxy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.NearestWord;

/// All that proxy mode is told from outside, read once: the file of the Python slapproxy, and the command line, which
/// wins.
///
/// @param port         0 = any free one
/// @param stateFile    where the state is kept; empty = it is forgotten at the end
/// @param computer     the Computer that is meant when a request names none
/// @param products     URL of a SoftwareRelease by the name of its product
/// @param softwareRoot where software given by a path lies
/// @param publicFolder served below `/panel/public/`
/// @param masters      the Masters to which requests may be forwarded, by URL
/// @param names        by which it may be called, beside loopback's and this machine's
/// @param warnings     what the file says that nobody understands
record ProxyConfiguration(
        String host,
        int port,
        Optional<Path> stateFile,
        String computer,
        Map<String, String> products,
        Optional<Path> softwareRoot,
        Optional<Path> publicFolder,
        Optional<Path> logFile,
        Optional<Cache> cache,
        Map<String, OtherMaster> masters,
        List<String> names,
        List<String> warnings) {
    static final int DEFAULT_PORT = 5000;
    static final String DEFAULT_COMPUTER = "local_computer";

    private static final Set<String> KEYS = Set.of(
            "host",
            "port",
            "database_uri",
            "software_product_list",
            "local_software_release_root",
            "public_directory_path",
            "server_name_list",
            "log_file",
            "shacache_content_directory",
            "shacache_metadata_directory",
            "shacache_signing_key_path",
            "shacache_upstream_cache_url",
            "shacache_upstream_dir_url");

    /// Where files of the network cache lie, and where to get what is not there.
    record Cache(Path content, Path metadata, Optional<URI> upstreamCache, Optional<URI> upstreamDirectory) {}

    /// @param releases  requests for these go there
    /// @param authority whom to trust for its certificate; empty = the system's roots
    /// @param asker     the partition there in whose name requests are made; empty = the certificate's owner
    record OtherMaster(
            Optional<Path> certificate,
            Optional<Path> key,
            Optional<Path> authority,
            Set<String> releases,
            Optional<PartitionKey> asker) {}

    /// @param given what the command line says, by the keys of the file
    /// @throws MalformedException with all that is wrong, one line each
    static ProxyConfiguration read(Optional<Path> file, Map<String, String> given) throws IOException {
        var ini = file.isPresent() ? readable(file.get()) : IniFile.parse("no file", "");
        return new Reader(ini, given).read();
    }

    private static IniFile readable(Path file) throws IOException {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new MalformedException("the configuration file " + file + " is missing or cannot be read");
        }
        return IniFile.read(file);
    }

    private static final class Reader {
        private final IniFile ini;
        private final Map<String, String> options = new LinkedHashMap<>();
        private final List<String> problems = new ArrayList<>();
        private final List<String> warnings = new ArrayList<>();

        Reader(IniFile ini, Map<String, String> given) {
            this.ini = ini;
            ini.section("slapproxy").forEach((key, text) -> options.put(key.replace('-', '_'), text));
            var inherited = ini.section("DEFAULT").keySet();
            options.keySet().stream()
                    .filter(key -> !KEYS.contains(key) && !inherited.contains(key))
                    .forEach(key -> warnings.add(ini.origin() + ": [slapproxy] has no option '" + key
                            + "', it is ignored. Did you mean '" + NearestWord.of(key, KEYS) + "'?"));
            options.putAll(given);
        }

        ProxyConfiguration read() {
            var configuration = new ProxyConfiguration(
                    text("host").orElse("127.0.0.1"),
                    text("port").map(this::port).orElse(DEFAULT_PORT),
                    text("database_uri").filter(uri -> !uri.equals(":memory:")).map(Reader::path),
                    computer(),
                    products(),
                    folder("local_software_release_root"),
                    folder("public_directory_path"),
                    text("log_file").map(Reader::path),
                    cache(),
                    masters(),
                    names(),
                    List.copyOf(warnings));
            if (!problems.isEmpty()) {
                throw new MalformedException(String.join("\n", problems));
            }
            return configuration;
        }

        private Optional<String> text(String key) {
            return Optional.ofNullable(options.get(key)).map(String::strip).filter(text -> !text.isEmpty());
        }

        private int port(String text) {
            if (text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= 65535) {
                return Integer.parseInt(text);
            }
            problems.add("port '" + text + "' is not a number from 0 to 65535");
            return 0;
        }

        private String computer() {
            var id = ini.get("slapos", "computer_id").orElse(DEFAULT_COMPUTER);
            try {
                return new ComputerId(id).text();
            } catch (MalformedException e) {
                problems.add("computer_id in [slapos]: " + e.getMessage());
                return id;
            }
        }

        private List<String> names() {
            var names = new ArrayList<String>();
            text("host").ifPresent(names::add);
            text("server_name_list").map(text -> List.of(text.split("\\s+"))).ifPresent(names::addAll);
            return List.copyOf(names);
        }

        private Map<String, String> products() {
            var products = new LinkedHashMap<String, String>();
            for (var line : lines(options.getOrDefault("software_product_list", ""))) {
                var words = line.split("\\s+", 2);
                if (words.length == 2) {
                    products.put(words[0], words[1]);
                } else {
                    problems.add("software_product_list: '" + line + "' is not a name and a URL");
                }
            }
            return products;
        }

        private static List<String> lines(String text) {
            return text.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        }

        private Optional<Path> folder(String key) {
            var folder = text(key).map(Reader::path);
            folder.filter(path -> !Files.isDirectory(path))
                    .ifPresent(path -> problems.add(key + ": there is no folder " + path));
            return folder;
        }

        private Optional<Cache> cache() {
            var content = folder("shacache_content_directory");
            var metadata = folder("shacache_metadata_directory");
            if (content.isEmpty() || metadata.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new Cache(
                    content.get(),
                    metadata.get(),
                    url("shacache_upstream_cache_url"),
                    url("shacache_upstream_dir_url")));
        }

        private Optional<URI> url(String key) {
            return text(key).flatMap(text -> url(key, text));
        }

        private Optional<URI> url(String key, String text) {
            if (text.matches("https?://[^/\\s]+\\S*")) {
                try {
                    return Optional.of(URI.create(text.replaceAll("/+$", "")));
                } catch (IllegalArgumentException e) {
                    problems.add(key + ": " + e.getMessage());
                    return Optional.empty();
                }
            }
            problems.add(key + ": '" + text + "' does not begin with http:// or https://");
            return Optional.empty();
        }

        private Map<String, OtherMaster> masters() {
            var masters = new LinkedHashMap<String, OtherMaster>();
            for (var section : ini.sections()) {
                if (section.startsWith("multimaster/")) {
                    var name = section.substring("multimaster/".length());
                    url("[" + section + "]", name)
                            .ifPresent(_ -> masters.put(name, master(name, ini.section(section))));
                }
            }
            return masters;
        }

        private OtherMaster master(String name, Map<String, String> section) {
            var certificate = Optional.ofNullable(section.get("cert")).map(Reader::path);
            var key = Optional.ofNullable(section.get("key")).map(Reader::path);
            if (certificate.isPresent() != key.isPresent() || (name.startsWith("https") && key.isEmpty())) {
                problems.add("[multimaster/" + name + "]: cert and key belong together, and https needs both");
            }
            var computer = Optional.ofNullable(section.get("computer"));
            var partition = Optional.ofNullable(section.get("partition"));
            return new OtherMaster(
                    certificate,
                    key,
                    Optional.ofNullable(section.get("master_ca_file")).map(Reader::path),
                    Set.copyOf(lines(section.getOrDefault("software_release_list", ""))),
                    computer.flatMap(id -> partition.map(reference -> new PartitionKey(id, reference))));
        }

        private static Path path(String text) {
            var home = System.getProperty("user.home");
            return Path.of(text.equals("~") || text.startsWith("~/") ? home + text.substring(1) : text)
                    .toAbsolutePath()
                    .normalize();
        }
    }
}
