package org.slapos.node.software;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.buildout.Buildout;
import org.slapos.node.buildout.CertificateBundle;
import org.slapos.node.host.Command;
import org.slapos.node.host.CommandResult;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.host.UnixUser;

/// Builds a SoftwareRelease in its directory, or goes on with a build that did not end. The whole output stands in
/// `<instance root>/var/log/build-<MD5>.log`, where no tenant writes.
public final class InstallSoftware {
    /// Longer than any release should take; the build of an operating system's worth of software fits.
    private static final Duration DEADLINE = Duration.ofHours(12);
    private static final int NICENESS = 10;
    /// Partitions' users have to read and run what is installed.
    private static final int UMASK = 022;
    private static final String CREDENTIALS = ".netrc";
    private static final int MAX_CREDENTIALS = 64 * 1024;

    private final NodeConfiguration configuration;
    private final Host host;
    private final Buildout buildout;
    private final CertificateBundle certificates;

    public InstallSoftware(
            NodeConfiguration configuration, Host host, Buildout buildout, CertificateBundle certificates) {
        this.configuration = configuration;
        this.host = host;
        this.buildout = buildout;
        this.certificates = certificates;
    }

    /// @param newest look for newer versions of what is there
    /// @param onLine sees what Buildout says
    /// @throws HostException when it cannot even be tried
    public CommandResult install(SoftwareDirectory directory, boolean newest, Consumer<String> onLine) {
        if (!SoftwareDirectory.isUsable(directory.url())) {
            throw new HostException("the URL of a SoftwareRelease must have 1 to 2000 characters without blanks: '"
                    + directory.url() + "'");
        }
        var root = configuration.softwareRoot();
        var owner = host.owner(root)
                .orElseThrow(() -> new HostException("software_root " + root + " does not exist: run format first"));
        requireSpace(root);
        makeDirectories(directory.path(), owner);
        copyCredentials(directory.path(), owner);
        host.writeTenantFile(
                directory.path(), "buildout.cfg", profile(directory.url()), 0644, owner.uid(), owner.gid());
        try (var log = BuildLog.open(host, configuration.instanceRoot(), directory)) {
            return buildout.run(new Buildout.Run(
                    directory.path(),
                    owner,
                    arguments(directory, newest),
                    UMASK,
                    NICENESS,
                    DEADLINE,
                    certificates.environment(),
                    line -> {
                        log.line(line);
                        onLine.accept(line);
                    }));
        }
    }

    /// The software user's `.netrc`, for sources that are not for everybody; gone when the user's is.
    private void copyCredentials(Path directory, UnixUser owner) {
        if (owner.home().equals(directory)) {
            return;
        }
        var credentials = Files.isDirectory(owner.home())
                ? host.readTenantFile(owner.home(), CREDENTIALS, MAX_CREDENTIALS)
                : Optional.<byte[]>empty();
        if (credentials.isPresent()) {
            host.writeTenantFile(directory, CREDENTIALS, credentials.get(), 0600, owner.uid(), owner.gid());
        } else if (Files.exists(directory.resolve(CREDENTIALS), LinkOption.NOFOLLOW_LINKS)) {
            host.run(Command.of("rm", "-f", "--", directory + "/" + CREDENTIALS).withUser(owner))
                    .orThrow("delete " + directory + "/" + CREDENTIALS);
        }
    }

    private void requireSpace(Path root) {
        try {
            long free = Files.getFileStore(root).getUsableSpace();
            if (free < configuration.softwareMinFreeSpaceBytes()) {
                throw new HostException("too little space to build: " + free / (1 << 20) + " MiB are free at " + root
                        + ", software_min_free_space is " + configuration.softwareMinFreeSpaceBytes() / (1 << 20)
                        + " MiB; remove a SoftwareRelease, or lower the floor in slapos.cfg");
            }
        } catch (IOException e) {
            throw new HostException("cannot see how much space is free at " + root + ": " + e, e);
        }
    }

    /// As the owner, so that nobody is misled by what lies there.
    private void makeDirectories(Path directory, UnixUser owner) {
        if (Files.isDirectory(directory.resolve("extends-cache"))) {
            return;
        }
        host.run(Command.of("mkdir", "-p", "--", directory + "/extends-cache")
                        .withUser(owner)
                        .withUmask(UMASK))
                .orThrow("make " + directory);
    }

    private byte[] profile(String url) {
        var text = new StringBuilder("[buildout]\nextends = ").append(url).append('\n');
        append(text, "shared-part-list", configuration.sharedPartList());
        append(text, "build-time-part-list", configuration.buildTimePartList());
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void append(StringBuilder text, String key, List<Path> paths) {
        if (!paths.isEmpty()) {
            text.append(key).append(" =\n");
            paths.forEach(path -> text.append("  ").append(path).append('\n'));
        }
    }

    private List<String> arguments(SoftwareDirectory directory, boolean newest) {
        var url = directory.url();
        var arguments = new ArrayList<>(List.of(
                "-U",
                "buildout:directory=" + directory.path(),
                "buildout:extends-cache=" + directory.path() + "/extends-cache",
                "slap:profile-base=" + url.substring(0, Math.max(0, url.lastIndexOf('/')))));
        if (!newest) {
            arguments.add("-N");
        }
        arguments.addAll(List.of("-c", directory.path() + "/buildout.cfg"));
        return arguments;
    }
}
