package org.slapos.node.verbs;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Keys of `slapos.cfg` as options of their own, as the commands of the field have them. What the command line says
/// wins over the file.
final class WorkOptions {
    private final Map<String, String> settings = new LinkedHashMap<>();

    @Option(names = "--now", description = "do not wait before starting (see --maximal-delay)")
    private boolean now;

    @Option(
            names = {"--maximal-delay", "--maximal_delay"},
            paramLabel = "SECONDS",
            description = "wait a random time of up to so many seconds before starting")
    private long maximalDelaySeconds;

    @Option(names = "--pidfile", paramLabel = "FILE", description = "held while the work is done")
    private @Nullable String pidFile;

    Map<String, String> settings() {
        if (pidFile != null) {
            for (var kind : new String[] {"software", "instance", "report"}) {
                settings.put("pidfile_" + kind, pidFile);
            }
        }
        return settings;
    }

    /// A random time, so that many machines do not all come at once.
    Duration delay(RandomGenerator chance) {
        return now || maximalDelaySeconds <= 0
                ? Duration.ZERO
                : Duration.ofSeconds(chance.nextLong(1, maximalDelaySeconds + 1));
    }

    @Option(names = "--instance-root", paramLabel = "DIRECTORY", description = "where partitions are")
    void instanceRoot(String value) {
        settings.put("instance_root", value);
    }

    @Option(names = "--software-root", paramLabel = "DIRECTORY", description = "where SoftwareReleases are")
    void softwareRoot(String value) {
        settings.put("software_root", value);
    }

    @Option(names = "--master-url", paramLabel = "URL", description = "the Master")
    void masterUrl(String value) {
        settings.put("master_url", value);
    }

    @Option(names = "--computer-id", paramLabel = "ID", description = "this Computer")
    void computerId(String value) {
        settings.put("computer_id", value);
    }

    @Option(names = "--buildout", paramLabel = "FILE", description = "a Buildout of your own")
    void buildout(String value) {
        settings.put("buildout", value);
    }

    @Option(
            names = {"--key-file", "--key_file"},
            paramLabel = "FILE",
            description = "key of the node")
    void keyFile(String value) {
        settings.put("key_file", value);
    }

    @Option(
            names = {"--cert-file", "--cert_file"},
            paramLabel = "FILE",
            description = "certificate of the node")
    void certFile(String value) {
        settings.put("cert_file", value);
    }

    @Option(
            names = {"--master-ca-file", "--master_ca_file"},
            paramLabel = "FILE",
            description = "verifies the Master")
    void masterCaFile(String value) {
        settings.put("master_ca_file", value);
    }

    @Option(
            names = {"--certificate-repository-path", "--certificate_repository_path"},
            paramLabel = "DIRECTORY",
            description = "certificates of partitions")
    void certificateRepositoryPath(String value) {
        settings.put("certificate_repository_path", value);
    }

    @Option(
            names = "--maximum-periodicity",
            paramLabel = "SECONDS",
            description = "unchanged is deployed again after it")
    void maximumPeriodicity(String value) {
        settings.put("maximum_periodicity", value);
    }

    @Option(names = "--promise-timeout", paramLabel = "SECONDS", description = "for each promise")
    void promiseTimeout(String value) {
        settings.put("promise_timeout", value);
    }

    @Option(names = "--partition-timeout", paramLabel = "SECONDS", description = "for the Buildout of a partition")
    void partitionTimeout(String value) {
        settings.put("partition_timeout", value);
    }

    @Option(
            names = {
                "--supervisord-socket",
                "--supervisord-configuration-path",
                "--signature-private-key-file",
                "--signature_private_key_file"
            },
            paramLabel = "FILE",
            hidden = true,
            description = "accepted for compatibility, and ignored")
    void ignored(String value) {
        // the supervisor's files stand below instance_root
    }
}
