package org.slapos.node.instance;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slapos.node.NodeConfiguration;
import org.slapos.protocol.InstanceInformation;

/// The sections that the node writes below an instance profile: where the instance is and how it reaches the Master.
/// Names are those that existing SoftwareReleases read.
final class InstanceProfile {
    private InstanceProfile() {}

    /// @param certificates folder of the partitions' certificates; none = the instance has none
    static String tail(NodeConfiguration configuration, InstanceInformation instance, Optional<Path> certificates) {
        var id = instance.partition().text();
        var key = certificates
                .map(folder -> folder.resolve(id + ".key").toString())
                .orElse("");
        var certificate = certificates
                .map(folder -> folder.resolve(id + ".crt").toString())
                .orElse("");
        var computer = instance.computer().text();
        var master = configuration.masterUrl().toString();
        var text = new StringBuilder();
        text.append("[buildout]\n");
        text.append("bin-directory = ${buildout:directory}/sbin\n");
        text.append("offline = true\n\n[slap-connection]\n");
        option(text, "computer-id", computer);
        option(text, "partition-id", id);
        option(text, "server-url", master);
        option(text, "software-release-url", instance.softwareRelease());
        option(text, "key-file", key);
        option(text, "cert-file", certificate);
        option(text, "shared-part-list", lines(configuration.sharedPartList()));
        option(text, "build-time-part-list", lines(configuration.buildTimePartList()));
        option(text, "requested-state", instance.state().wire());
        text.append("\n[slap_connection]\n");
        option(text, "computer_id", computer);
        option(text, "partition_id", id);
        option(text, "server_url", master);
        option(text, "software_release_url", instance.softwareRelease());
        option(text, "key_file", key);
        option(text, "cert_file", certificate);
        text.append("\n[storage-configuration]\n");
        option(text, "storage-home", "");
        text.append("\n[network-information]\n");
        option(text, "global-ipv4-network", configuration.ipv4GlobalNetwork());
        return text.toString();
    }

    private static String lines(List<Path> paths) {
        return paths.stream().map(Path::toString).collect(Collectors.joining("\n"));
    }

    /// One option; its value is taken as it is, never as a reference to another one.
    private static void option(StringBuilder text, String name, String value) {
        var written = value.replace("${", "$${").replaceAll("[\\r\\n]+", "\n  ");
        text.append((name + " = " + written).stripTrailing()).append('\n');
    }
}
