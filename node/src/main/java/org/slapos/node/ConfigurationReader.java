package org.slapos.node;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slapos.node.NodeConfiguration.Confinement;
import org.slapos.node.NodeConfiguration.Format;
import org.slapos.node.NodeConfiguration.Identity;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.NearestWord;

/// Reads a [NodeConfiguration]: `slapos.cfg` overlaid by the command line. Everything that is wrong is reported at
/// once.
public final class ConfigurationReader {
    public static final Path DEFAULT_FILE = Path.of("/etc/opt/slapos/slapos.cfg");

    private static final Pattern SIZE = Pattern.compile(
            "(\\d{1,18})\\s*" + "(b|[kmgtpe]i?b?|kilo|mega|giga|tera|peta|exa|kibi|mebi|gibi|tebi|pebi|exbi)?",
            Pattern.CASE_INSENSITIVE);
    private static final String UNITS = "bkmgtpe";
    private static final int MAX_PARTITIONS = 10_000;
    private static final int MAX_DAYS = 36_500;
    private static final int MAX_AT_ONCE = 64;

    private static final Set<String> MANAGERS = Set.of("devperm", "portredir", "whitelistfirewall", "prerm", "cpuset");

    private final Optional<String> allowedDisks;
    private final Map<String, String> collect;
    private final Map<String, String> options = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    private ConfigurationReader(IniFile file, Map<String, String> commandLine) {
        for (var section : file.sections()) {
            problems.addAll(
                    ConfigurationKeys.unknown(section, file.section(section).keySet()));
        }
        allowedDisks = Optional.ofNullable(file.section("manager:devperm").get("allowed-disk-for-vm"));
        collect = file.section("collect");
        file.section("slapformat").forEach(this::put);
        file.section("slapos").forEach(this::put);
        commandLine.forEach(this::put);
    }

    private void put(String name, String value) {
        options.put(name.replace('-', '_'), value);
    }

    /// @param commandLine options given there by their name in the file; they win
    /// @throws ConfigurationException with all problems
    public static NodeConfiguration read(Path file, Map<String, String> commandLine) {
        try {
            return of(IniFile.read(file), commandLine);
        } catch (java.nio.file.NoSuchFileException e) {
            throw new ConfigurationException(
                    file.toString(),
                    List.of("no such file: name one with --cfg, or make one with 'slapos node register'"));
        } catch (IOException | MalformedException e) {
            throw new ConfigurationException(file.toString(), List.of("cannot be read: " + e.getMessage()));
        }
    }

    public static NodeConfiguration of(IniFile file, Map<String, String> commandLine) {
        var reader = new ConfigurationReader(file, commandLine);
        var computer = reader.computerId();
        var master = reader.masterUrl();
        var configuration =
                reader.node(computer, master, !file.section("slapformat").isEmpty());
        if (!reader.problems.isEmpty()) {
            throw new ConfigurationException(file.origin(), reader.problems);
        }
        return configuration;
    }

    /// Whether a key belongs into `[slapformat]`; all others belong into `[slapos]`.
    public static boolean isFormatKey(String key) {
        return ConfigurationKeys.FORMAT.contains(key.replace('-', '_'));
    }

    private NodeConfiguration node(ComputerId computer, URI master, boolean hasFormat) {
        var instanceRoot = requiredPath("instance_root");
        var run = instanceRoot.resolve("var/run");
        return new NodeConfiguration(
                computer,
                master,
                requiredPath("software_root"),
                instanceRoot,
                identity(),
                path("certificate_repository_path"),
                existing("master_ca_file"),
                paths("shared_part_list"),
                paths("build_time_part_list"),
                path("buildout"),
                seconds("maximum_periodicity", 86400),
                seconds("promise_timeout", 20),
                text("partition_timeout").map(_ -> seconds("partition_timeout", 0)),
                size("software_min_free_space", "1000M"),
                size("instance_min_free_space", "1000M"),
                text("ipv4_global_network").orElse(""),
                truth("forbid_supervisord_automatic_launch", false),
                truth("root_check", true),
                path("pidfile_software").orElse(run.resolve("slapgrid-sr.pid")),
                path("pidfile_instance").orElse(run.resolve("slapgrid-cp.pid")),
                path("pidfile_report").orElse(run.resolve("slapgrid-ur.pid")),
                path("runtime").orElseGet(ConfigurationReader::installedRuntime),
                path("undo_list"),
                seconds("agent_poll_seconds", 2),
                seconds("usage_report_seconds", 86400),
                Duration.ofDays(
                        text("software_retention_days").isEmpty() ? 0 : number("software_retention_days", 0, MAX_DAYS)),
                work(),
                confinement(),
                managers(),
                collecting(),
                hasFormat ? Optional.of(format()) : Optional.empty());
    }

    private NodeConfiguration.Work work() {
        return new NodeConfiguration.Work(
                truth("warm_buildout", true),
                size("buildout_memory_limit", "2G"),
                text("instances_at_once").isEmpty() ? 1 : number("instances_at_once", 1, MAX_AT_ONCE),
                text("start_cpu_percent").isEmpty() ? 90 : number("start_cpu_percent", 1, 100),
                startPriorities());
    }

    /// `prerm` is always there; `cpuset` has a successor in `partition_cpu_weight`.
    private NodeConfiguration.Managers managers() {
        var named = words(text("manager_list").orElse(""));
        for (var name : named) {
            if (!MANAGERS.contains(name)) {
                problems.add("manager_list: there is no manager '" + name + "': did you mean '"
                        + NearestWord.of(name, MANAGERS) + "'?");
            }
        }
        return new NodeConfiguration.Managers(
                named.contains("devperm"),
                named.contains("portredir"),
                named.contains("whitelistfirewall"),
                allowedDisks.map(list -> words(list).stream()
                        .map(word -> absolute("allowed-disk-for-vm", word))
                        .toList()));
    }

    /// Sizes are asked for by the names of the field's program, or of its example file.
    private NodeConfiguration.Collecting collecting() {
        put("report_disk_usage", collect.getOrDefault("report_disk_usage", collect.getOrDefault("enable", "true")));
        put(
                "disk_snapshot_time_cycle",
                collect.getOrDefault("disk_snapshot_time_cycle", collect.getOrDefault("time_cycle", "86400")));
        return new NodeConfiguration.Collecting(
                truth("report_disk_usage", true),
                seconds("disk_snapshot_time_cycle", 86_400),
                text("collect_cache").isEmpty() ? 15 : number("collect_cache", 1, 36_500),
                Optional.of(text("collect_seconds").isEmpty() ? 60 : number("collect_seconds", 0, 86_400))
                        .filter(every -> every > 0)
                        .map(Duration::ofSeconds));
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split("[,\\s]+", -1))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /// A line for each partition: its id and a number.
    private Map<String, Integer> startPriorities() {
        var found = new LinkedHashMap<String, Integer>();
        for (var line :
                text("start_priority").orElse("").lines().map(String::strip).toList()) {
            var words = line.split("\\s+", -1);
            if (words.length == 2 && words[1].matches("\\d{1,2}|100")) {
                found.put(words[0], Integer.valueOf(words[1]));
            } else if (!line.isEmpty()) {
                problems.add("start_priority must have a partition and a number from 0 to 100 on each line, such as "
                        + "'slappart3 90', not '" + line + "'");
            }
        }
        return found;
    }

    private Confinement confinement() {
        return new Confinement(
                truth("partition_isolation", true),
                text("partition_cpu_weight").isEmpty() ? 100 : number("partition_cpu_weight", 1, 10_000),
                text("partition_memory_max").map(_ -> size("partition_memory_max", "0")),
                text("partition_process_max").map(_ -> number("partition_process_max", 1, 1_000_000)));
    }

    private Format format() {
        var definition = existing("input_definition_file");
        var interfaceName = text("interface_name");
        boolean alterUser = truth("alter_user", true);
        boolean alterNetwork = truth("alter_network", true);
        if (alterNetwork && interfaceName.isEmpty()) {
            problems.add("interface_name is missing in [slapformat]: it gets the partitions' local IPv4 addresses");
        }
        if (alterNetwork && definition.isEmpty() && text("ipv4_local_network").isEmpty()) {
            problems.add("ipv4_local_network is missing in [slapformat], such as 10.0.0.0/16");
        }
        for (var removed : List.of("bridge_name", "no_bridge")) {
            text(removed)
                    .ifPresent(_ -> problems.add(removed + " is of an older SlapOS: leave it out; each partition has a "
                            + "tap interface (create_tap, tap_gateway_interface)"));
        }
        int amount = number("partition_amount", 1, MAX_PARTITIONS);
        int shift = text("ipv6_prefixshift").isEmpty() ? 16 : number("ipv6_prefixshift", 2, 64);
        if (alterNetwork && shift < 32 && 1L << shift < 4L * amount) {
            problems.add("ipv6_prefixshift = " + shift + " is too little for " + amount + " partitions: 2 to the power "
                    + "of it must be 4 times their number or more");
        }
        return new Format(
                amount,
                requiredPath("computer_xml"),
                name("partition_base_name", "slappart"),
                name("user_base_name", "slapuser"),
                name("tap_base_name", "slaptap"),
                interfaceName,
                text("ipv6_interface").or(() -> interfaceName),
                text("ipv4_local_network"),
                computerIpv6(),
                shift,
                truth("partition_has_ipv6_range", true),
                truth("create_tap", true),
                truth("tap_ipv6", true),
                text("tap_gateway_interface"),
                truth("create_tun", false),
                truth("tun_ipv6", true),
                truth("own_source_address", alterUser && alterNetwork),
                alterUser,
                alterNetwork,
                name("software_user", "slapsoft"),
                path("instance_storage_home"),
                path("computer_json"),
                definition,
                path("output_definition_file"));
    }

    private NodeConfiguration.ComputerIpv6 computerIpv6() {
        return switch (text("computer_ipv6").orElse("")) {
            case "" -> new NodeConfiguration.ComputerIpv6.Found();
            case "none" -> new NodeConfiguration.ComputerIpv6.None();
            case "ula" -> new NodeConfiguration.ComputerIpv6.UniqueLocal();
            case String address -> new NodeConfiguration.ComputerIpv6.Given(address);
        };
    }

    private ComputerId computerId() {
        try {
            return new ComputerId(required("computer_id"));
        } catch (IllegalArgumentException e) {
            problems.add("computer_id: " + e.getMessage());
            return new ComputerId("invalid");
        }
    }

    private URI masterUrl() {
        var text = required("master_url");
        var url = text.matches("[0-9a-fA-F]*:[0-9a-fA-F:]*") ? "[" + text + "]" : text; // a bare IPv6 host
        try {
            var uri = URI.create(url.contains("://") ? url : "https://" + url);
            if (List.of("http", "https").contains(uri.getScheme()) && uri.getHost() != null) {
                return uri.toString().endsWith("/") ? uri : URI.create(uri + "/");
            }
        } catch (IllegalArgumentException _) {
            // said below
        }
        problems.add("master_url is no http or https URL: '" + text + "'");
        return URI.create("https://invalid/");
    }

    private Optional<Identity> identity() {
        var key = existing("key_file");
        var certificate = existing("cert_file");
        if (key.isPresent() != certificate.isPresent()) {
            problems.add("key_file and cert_file belong together: only one of them is given");
        }
        return key.flatMap(k -> certificate.map(c -> new Identity(c, k)));
    }

    private Optional<String> text(String name) {
        return Optional.ofNullable(options.get(name)).map(String::strip).filter(text -> !text.isEmpty());
    }

    private String required(String name) {
        return text(name).orElseGet(() -> {
            problems.add(name + " is missing");
            return "missing";
        });
    }

    private String name(String option, String byDefault) {
        var text = text(option).orElse(byDefault);
        if (!text.matches("[a-z_][a-z0-9_-]{0,27}")) {
            problems.add(option + " must be 1 to 28 lower-case letters, digits, '_' or '-', beginning with a letter: '"
                    + text + "'");
        }
        return text;
    }

    private Path requiredPath(String name) {
        return absolute(name, required(name));
    }

    private Optional<Path> path(String name) {
        return text(name).map(text -> absolute(name, text));
    }

    private Optional<Path> existing(String name) {
        var path = path(name);
        path.filter(p -> !Files.isReadable(p)).ifPresent(p -> problems.add(name + ": there is no readable file " + p));
        return path;
    }

    private List<Path> paths(String name) {
        return text(name)
                .map(text -> text.lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .map(line -> absolute(name, line))
                        .toList())
                .orElse(List.of());
    }

    private Path absolute(String name, String text) {
        if (text.chars().anyMatch(c -> c < ' ')) {
            problems.add(name + " must be one path on one line");
            return Path.of("/");
        }
        var home = System.getProperty("user.home", "/");
        var expanded = text.equals("~") || text.startsWith("~/") ? home + text.substring(1) : text;
        return Path.of(expanded).toAbsolutePath().normalize();
    }

    private boolean truth(String name, boolean byDefault) {
        var text = text(name).map(t -> t.toLowerCase(Locale.ROOT)).orElse(Boolean.toString(byDefault));
        if (!text.equals("true") && !text.equals("false")) {
            problems.add(name + " must be true or false, not '" + text + "'");
        }
        return text.equals("true");
    }

    private int number(String name, int least, int most) {
        var text = required(name);
        if (text.matches("\\d{1,9}")) {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
        }
        problems.add(name + " must be a whole number from " + least + " to " + most + ", not '" + text + "'");
        return least;
    }

    private Duration seconds(String name, int byDefault) {
        var text = text(name).orElse(Integer.toString(byDefault));
        if (!text.matches("\\d{1,9}")) {
            problems.add(name + " must be a whole number of seconds, not '" + text + "'");
            return Duration.ofSeconds(byDefault);
        }
        return Duration.ofSeconds(Long.parseLong(text));
    }

    /// Bytes; every unit is a power of 1024, whatever its spelling.
    private long size(String name, String byDefault) {
        var text = text(name).orElse(byDefault);
        var matcher = SIZE.matcher(text);
        if (matcher.matches()) {
            int power = matcher.group(2) == null
                    ? 0
                    : UNITS.indexOf(Character.toLowerCase(matcher.group(2).charAt(0)));
            try {
                return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * power));
            } catch (ArithmeticException _) {
                // said below
            }
        }
        problems.add(name + " must be a size such as 1000M or 2G, not '" + text + "'");
        return 0;
    }

    /// The runtime that is installed beside this program: `../runtime` of the folder of its jars.
    private static Path installedRuntime() {
        var home = System.getProperty("slapos.home");
        if (home != null) {
            return Path.of(home, "runtime").toAbsolutePath().normalize();
        }
        try {
            var jar = Path.of(NodeConfiguration.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return jar.resolveSibling("../runtime").normalize();
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException("this program does not lie in a file", e);
        }
    }
}
