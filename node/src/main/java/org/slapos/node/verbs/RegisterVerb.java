package org.slapos.node.verbs;

import java.io.Console;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;
import org.slapos.node.register.RegisterComputer;
import org.slapos.node.register.Registration;
import org.slapos.node.register.RegistrationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos node register`.
@Command(
        name = "register",
        description = {
            "Make this machine a Computer of a Master, with a one-time token.",
            "Writes slapos.cfg (see --cfg) and, beside it, ssl/key and ssl/certificate; what was there is kept as .old.",
            "Next: slapos node format."
        })
public final class RegisterVerb extends NodeVerb {
    @Parameters(paramLabel = "TITLE", description = "name of the Computer, unique for its owner")
    private String title = "";

    @Option(names = "--token", paramLabel = "TOKEN", description = "one-time token (asked for when not given)")
    private @Nullable String token;

    @Option(names = "--token-file", paramLabel = "FILE", description = "file with the token")
    private @Nullable Path tokenFile;

    @Option(names = "--master-url", required = true, paramLabel = "URL", description = "the Master, for the node")
    private URI masterUrl = URI.create("");

    @Option(names = "--master-url-web", paramLabel = "URL", description = "the Master, for people (default: its root)")
    private @Nullable URI masterUrlWeb;

    @Option(names = "--master-ca-file", paramLabel = "FILE", description = "PEM file that verifies the Master")
    private @Nullable Path masterCaFile;

    @Option(
            names = "--interface-name",
            defaultValue = "lo",
            description = "gets the partitions' addresses (default: ${DEFAULT-VALUE})")
    private String interfaceName = "lo";

    @Option(
            names = "--partition-number",
            defaultValue = "10",
            description = "how many partitions (default: ${DEFAULT-VALUE})")
    private int partitionNumber;

    @Option(
            names = "--ipv4-local-network",
            defaultValue = "10.0.0.0/16",
            description = "of the partitions' IPv4 addresses (default: ${DEFAULT-VALUE})")
    private String ipv4LocalNetwork = "";

    @Option(
            names = "--software-root",
            defaultValue = "/opt/slapgrid",
            description = "where SoftwareReleases are built (default: ${DEFAULT-VALUE})")
    private String softwareRoot = "";

    @Option(
            names = "--instance-root",
            defaultValue = "/srv/slapgrid",
            description = "where partitions are (default: ${DEFAULT-VALUE})")
    private String instanceRoot = "";

    @Option(
            names = {"-t", "--create-tap"},
            description = "a tap interface for each partition")
    private boolean createTap;

    @Option(
            names = {"-n", "--dry-run"},
            description = "print the configuration, and do nothing")
    private boolean dryRun;

    @Override
    protected int run() {
        var wanted = registration();
        var undo = Optional.ofNullable(settings().get("undo_list"))
                .map(file -> UndoList.at(Path.of(file)))
                .orElseGet(UndoList::none);
        var register = new RegisterComputer(new LinuxHost(undo));
        if (dryRun) {
            System.out.print(register.preview(wanted));
            return SUCCESS;
        }
        requireRoot(!"false".equalsIgnoreCase(settings().get("root_check")));
        var computer = register.register(wanted);
        System.out.println("registered " + wanted.title() + " as " + computer + ": " + wanted.configurationFile());
        System.out.println("next: slapos node format --cfg " + wanted.configurationFile());
        return SUCCESS;
    }

    private Registration registration() {
        var all = new LinkedHashMap<String, String>();
        all.put("software_root", softwareRoot);
        all.put("instance_root", instanceRoot);
        all.put("interface_name", interfaceName);
        all.put("partition_amount", Integer.toString(partitionNumber));
        all.put("ipv4_local_network", ipv4LocalNetwork);
        all.put("create_tap", Boolean.toString(createTap));
        settings().forEach((key, value) -> all.put(key.replace("-", "_"), value));
        return new Registration(
                title,
                dryRun ? "" : token(),
                masterUrl,
                Optional.ofNullable(masterUrlWeb).orElseGet(() -> masterUrl.resolve("/")),
                Optional.ofNullable(masterCaFile),
                configurationFile(),
                all);
    }

    private String token() {
        try {
            if (tokenFile != null) {
                return Files.readString(tokenFile).strip();
            }
        } catch (IOException e) {
            throw new RegistrationException("cannot read the token file " + tokenFile + ": " + e, e);
        }
        if (token != null) {
            return token;
        }
        return Optional.ofNullable(System.console())
                .filter(Console::isTerminal)
                .map(console -> console.readPassword("Token: "))
                .filter(asked -> asked.length > 0)
                .map(String::new)
                .orElseThrow(
                        () -> new RegistrationException("a token is needed: give it with --token-file or --token"));
    }
}
