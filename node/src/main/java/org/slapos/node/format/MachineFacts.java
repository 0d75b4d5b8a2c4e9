package org.slapos.node.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.NodeConfiguration.Format;

/// What the Master is told about the machine besides its partitions (SLAP protocol, capacity document).
final class MachineFacts {
    private MachineFacts() {}

    static Map<String, String> of(NodeConfiguration configuration, Format format) {
        var facts = new HashMap<String, String>();
        facts.put("os_type", osType());
        facts.put("slapos_version", version());
        facts.putAll(hardware(text("/proc/cpuinfo"), text("/proc/meminfo"), System.getProperty("os.arch")));
        disk(configuration.instanceRoot()).ifPresent(bytes -> facts.put("disk", bytes + "B"));
        facts.put("software_root", configuration.softwareRoot().toString());
        facts.put("instance_root", configuration.instanceRoot().toString());
        if (format.alterUser()) {
            facts.put("software_user", format.softwareUser());
        }
        format.instanceStorageHome().ifPresent(path -> facts.put("instance_storage_home", path.toString()));
        format.tapGatewayInterface().ifPresent(name -> facts.put("tap_gateway_interface", name));
        format.ipv6Interface().ifPresent(name -> facts.put("ipv6_interface", name));
        return facts;
    }

    /// What requests may ask of the machine: `cores`, `memory` and `cpu_type` as the kernel tells them.
    static Map<String, String> hardware(String cpuinfo, String meminfo, String architecture) {
        var facts = new HashMap<String, String>();
        long cores =
                cpuinfo.lines().filter(line -> line.startsWith("processor")).count();
        if (cores > 0) {
            facts.put("cores", Long.toString(cores));
        }
        after("MemTotal:", meminfo)
                .map(text -> text.replace(" kB", "KiB"))
                .filter(text -> text.matches("[0-9]+KiB"))
                .ifPresent(text -> facts.put("memory", text));
        var maker = after("vendor_id", cpuinfo)
                .map(text -> text.replaceFirst("^[:\\s]+", "")
                        .replaceFirst("^Genuine|^Authentic", "")
                        .toLowerCase(Locale.ROOT))
                .filter(text -> text.matches("[a-z0-9_-]+"));
        var kind = architecture.equals("amd64") ? "x86_64" : architecture;
        facts.put("cpu_type", maker.map(name -> kind + "/" + name).orElse(kind));
        return facts;
    }

    private static Optional<String> after(String word, String text) {
        return text.lines()
                .filter(line -> line.startsWith(word))
                .findFirst()
                .map(line -> line.substring(word.length()).strip());
    }

    private static String text(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException _) {
            return "";
        }
    }

    /// Of the file system where instances are; nothing when there is none yet.
    private static Optional<Long> disk(Path instances) {
        try {
            return Optional.of(Files.getFileStore(instances).getTotalSpace());
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static String version() {
        return Optional.ofNullable(MachineFacts.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    /// The field's form: a JSON list of platform, distribution, its version and its name.
    private static String osType() {
        var release = new HashMap<String, String>();
        try {
            for (var line : Files.readAllLines(Path.of("/etc/os-release"))) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    release.put(
                            line.substring(0, equals),
                            line.substring(equals + 1).replace("\"", ""));
                }
            }
        } catch (IOException _) {
            // a machine that does not say what it is
        }
        var platform = "Linux-" + System.getProperty("os.version");
        try {
            return new ObjectMapper()
                    .writeValueAsString(List.of(
                            platform,
                            release.getOrDefault("ID", ""),
                            release.getOrDefault("VERSION_ID", ""),
                            release.getOrDefault("NAME", "")));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("plain texts that do not become JSON", e);
        }
    }
}
