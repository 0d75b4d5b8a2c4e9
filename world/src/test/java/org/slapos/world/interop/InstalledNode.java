package org.slapos.world.interop;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.IniFile;
import org.slapos.protocol.client.SlapClient;

/// The node of the installed programs, in a folder of its own: single-user mode, two partitions.
///
/// @param folder holds `slapos.cfg` and everything that the node makes
record InstalledNode(Installed installed, Path folder) {
    private static final int PARTITIONS = 2;

    static InstalledNode in(Installed installed) throws IOException {
        return new InstalledNode(installed, installed.ownFolder("node"));
    }

    /// As a newcomer does it: with a token.
    void register(URI slap, URI web, Path authority, Path token) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of("node", "register", "interop", "--token-file", token.toString()));
        Map.of(
                        "--cfg", configuration(),
                        "--master-url", slap,
                        "--master-url-web", web,
                        "--master-ca-file", authority,
                        "--instance-root", instanceRoot(),
                        "--software-root", softwareRoot(),
                        "--partition-number", PARTITIONS)
                .forEach((option, value) -> line.addAll(List.of(option, value.toString())));
        for (var key : List.of("root_check", "alter_user", "alter_network")) {
            line.addAll(List.of("--set", key + "=false"));
        }
        installed.slaposAsOrdinaryUser(line.toArray(String[]::new)).with(0);
    }

    /// For a Computer that its Master knows already.
    void configure(URI master, ComputerId computer, Optional<SlapClient.Identity> identity, Optional<Path> authority)
            throws IOException {
        var text = new StringBuilder("[slapos]\ncomputer_id = " + computer + "\nmaster_url = " + master + "\n");
        identity.ifPresent(it -> text.append("cert_file = ")
                .append(it.certificate())
                .append("\nkey_file = ")
                .append(it.key())
                .append('\n'));
        authority.ifPresent(it -> text.append("master_ca_file = ").append(it).append('\n'));
        text.append("""
                software_root = %s
                instance_root = %s
                certificate_repository_path = %s
                root_check = false
                [slapformat]
                computer_xml = %s
                partition_amount = %d
                alter_user = false
                alter_network = false
                create_tap = false
                """.formatted(
                softwareRoot(), instanceRoot(), folder.resolve("pki"), folder.resolve("slapos.xml"), PARTITIONS));
        Files.writeString(configuration(), text);
    }

    /// What `register` got.
    SlapClient.Identity registered() {
        return new SlapClient.Identity(folder.resolve("ssl/certificate"), folder.resolve("ssl/key"));
    }

    ComputerId computer() throws IOException {
        return new ComputerId(IniFile.read(configuration())
                .get("slapos", "computer_id")
                .orElseThrow(() -> new AssertionError("no computer_id in " + configuration())));
    }

    Path configuration() {
        return folder.resolve("slapos.cfg");
    }

    Path softwareRoot() {
        return folder.resolve("software");
    }

    Path instanceRoot() {
        return folder.resolve("instance");
    }

    /// `slapos node VERB ...`, to its end.
    Installed.Ended run(String... words) throws IOException, InterruptedException {
        return installed.slaposAsOrdinaryUser(line(words));
    }

    Process agent() throws IOException, InterruptedException {
        return installed.start(line("agent", "--set", "agent_poll_seconds=1"));
    }

    private String[] line(String... words) {
        var line = new ArrayList<>(
                List.of("node", words[0], "--cfg", configuration().toString()));
        line.addAll(Arrays.asList(words).subList(1, words.length));
        return line.toArray(String[]::new);
    }
}
