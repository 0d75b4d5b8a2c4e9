package org.slapos.node.buildout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;

/// The roots that a build trusts: the system's, and the authority of a Master that has its own. The file is written
/// anew when either has changed, and is readable by everyone.
public final class CertificateBundle {
    private static final List<Path> SYSTEM = List.of(
            Path.of("/etc/ssl/certs/ca-certificates.crt"),
            Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
            Path.of("/etc/ssl/ca-bundle.pem"));

    private static final String NAME = "ca-certificates.pem";

    private final Host host;
    private final Optional<Path> masterAuthority;
    private final Path folder;

    /// @param masterAuthority none = the system's roots do, and nothing is written
    /// @param folder          where everyone can read; the file is `ca-certificates.pem`
    public CertificateBundle(Host host, Optional<Path> masterAuthority, Path folder) {
        this.host = host;
        this.masterAuthority = masterAuthority;
        this.folder = folder;
    }

    /// What a build has to have in its environment, the file being there.
    public Map<String, String> environment() {
        if (masterAuthority.isEmpty()) {
            return Map.of();
        }
        var file = folder.resolve(NAME);
        try {
            var wanted = (system() + Files.readString(masterAuthority.get()))
                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            if (!Files.isRegularFile(file) || !Arrays.equals(wanted, Files.readAllBytes(file))) {
                var self = host.self();
                host.createDirectory(folder, 0755);
                host.writeTenantFile(folder, NAME, wanted, 0644, self.uid(), self.gid());
            }
            return Map.of("SSL_CERT_FILE", file.toString());
        } catch (IOException e) {
            throw new HostException("cannot put the roots that builds trust into " + file + ": " + e, e);
        }
    }

    private static String system() throws IOException {
        for (var candidate : SYSTEM) {
            if (Files.isReadable(candidate)) {
                return Files.readString(candidate).stripTrailing() + "\n";
            }
        }
        return "";
    }
}
