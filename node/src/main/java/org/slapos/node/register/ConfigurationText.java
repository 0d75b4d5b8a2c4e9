package org.slapos.node.register;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slapos.node.ConfigurationReader;
import org.slapos.protocol.ComputerId;

/// The text of a node's `slapos.cfg`.
final class ConfigurationText {
    private ConfigurationText() {}

    /// @param ssl folder with the node's key and certificate; none = they are left out
    static String of(Registration wanted, ComputerId computer, Optional<Path> ssl) {
        var file = wanted.configurationFile().toAbsolutePath().normalize();
        var slapos = new LinkedHashMap<String, String>();
        slapos.put("computer_id", computer.text());
        slapos.put("master_url", wanted.masterUrl().toString());
        wanted.masterCaFile()
                .ifPresent(ca -> slapos.put(
                        "master_ca_file", ca.toAbsolutePath().normalize().toString()));
        ssl.ifPresent(folder -> {
            slapos.put("key_file", folder.resolve("key").toString());
            slapos.put("cert_file", folder.resolve("certificate").toString());
            slapos.put(
                    "certificate_repository_path",
                    folder.resolve("partition_pki").toString());
        });
        var format = new LinkedHashMap<String, String>();
        format.put("computer_xml", file.resolveSibling("slapos.xml").toString());
        format.put("partition_base_name", "slappart");
        format.put("user_base_name", "slapuser");
        format.put("tap_base_name", "slaptap");
        wanted.settings().forEach((key, value) -> {
            var section = ConfigurationReader.isFormatKey(key) ? format : slapos;
            section.put(key, value);
        });
        return "# Written by 'slapos node register'; yours to change.\n" + section("slapos", slapos) + "\n"
                + section("slapformat", format);
    }

    private static String section(String name, Map<String, String> options) {
        var text = new StringBuilder("[" + name + "]\n");
        options.forEach((key, value) -> {
            if (value.chars().anyMatch(c -> c < ' ') || !key.matches("[A-Za-z0-9_-]+")) {
                throw new RegistrationException("'" + key + "' cannot be set to a value of several lines");
            }
            text.append(key).append(" = ").append(value.replace("%", "%%")).append('\n');
        });
        return text.toString();
    }
}
