package org.slapos.node;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.client.SlapClient;

/// What `slapos.cfg` and the command line say, read once by [ConfigurationReader]. Each component
/// is a key of the file, in camel case.
///
/// @param masterUrl   ends with a slash
/// @param identity    the node's certificate and key; none = it talks to the Master without
/// @param masterCaFile the roots that verify the Master; none = the system's
/// @param sharedPartList directories of shared parts; only the last is written to
/// @param buildout    a Buildout of the user's own instead of the one in `runtime`
/// @param rootCheck   false = single-user mode: everything belongs to, and runs as, whoever runs the node
/// @param runtime     folder that holds `bin/buildout`, `bin/supervisord` and `bin/slap-run`
/// @param undoList    where the things made on this machine are written down before they are made
/// @param work        how instances are worked on
/// @param softwareRetention how long software stays that is of no use; 0 = for ever
/// @param confinement what keeps the processes of a partition apart from others, when the node is root
/// @param managers    what instances may ask of this node
/// @param collecting  what is measured for monitoring
/// @param format      what `format` needs; none when the file has no `[slapformat]`
public record NodeConfiguration(
        ComputerId computerId,
        URI masterUrl,
        Path softwareRoot,
        Path instanceRoot,
        Optional<Identity> identity,
        Optional<Path> certificateRepositoryPath,
        Optional<Path> masterCaFile,
        List<Path> sharedPartList,
        List<Path> buildTimePartList,
        Optional<Path> buildout,
        Duration maximumPeriodicity,
        Duration promiseTimeout,
        Optional<Duration> partitionTimeout,
        long softwareMinFreeSpaceBytes,
        long instanceMinFreeSpaceBytes,
        String ipv4GlobalNetwork,
        boolean forbidSupervisordAutomaticLaunch,
        boolean rootCheck,
        Path pidfileSoftware,
        Path pidfileInstance,
        Path pidfileReport,
        Path runtime,
        Optional<Path> undoList,
        Duration agentPoll,
        Duration usageReport,
        Duration softwareRetention,
        Work work,
        Confinement confinement,
        Managers managers,
        Collecting collecting,
        Optional<Format> format) {
    public NodeConfiguration {
        sharedPartList = List.copyOf(sharedPartList);
        buildTimePartList = List.copyOf(buildTimePartList);
    }

    /// The node's certificate and its key, both PEM.
    public record Identity(Path certificateFile, Path keyFile) {}

    /// How instances are worked on.
    ///
    /// @param warmBuildout        their profiles are run by a process that has Buildout loaded
    /// @param buildoutMemoryBytes of data that each process of a Buildout may have; 0 = no limit
    /// @param instancesAtOnce     how many are worked on at the same time
    /// @param startCpuPercent     while the machine is busier, services that come back after a power cut wait
    /// @param startPriorities     of partitions, from 0 to 100: the operator's word on their order then
    public record Work(
            boolean warmBuildout,
            long buildoutMemoryBytes,
            int instancesAtOnce,
            int startCpuPercent,
            Map<String, Integer> startPriorities) {
        public Work {
            startPriorities = Map.copyOf(startPriorities);
        }
    }

    /// What keeps the processes of a partition apart from others, beside their user.
    ///
    /// @param isolation    they do not see other partitions' directories, and have a `/tmp` of their own
    /// @param cpuWeight    their share of a busy CPU, against 100 of another partition
    /// @param memoryMaxBytes of all of them together
    /// @param processMax   how many of them there may be
    public record Confinement(
            boolean isolation, int cpuWeight, Optional<Long> memoryMaxBytes, Optional<Integer> processMax) {}

    /// `manager_list`: what instances may ask of this node, each in a file of its own.
    ///
    /// @param devperm           disks
    /// @param portredir         ports that lead to others
    /// @param whitelistfirewall a limit to where they send
    /// @param allowedDisks      the only disks that may be asked for; empty = all that are spare
    public record Managers(
            boolean devperm, boolean portredir, boolean whitelistfirewall, Optional<List<Path>> allowedDisks) {
        public Managers {
            allowedDisks = allowedDisks.map(List::copyOf);
        }
    }

    /// `[collect]`, with `collect_cache` and `collect_seconds`: what is measured for monitoring.
    ///
    /// @param diskUsage also the size of partitions
    /// @param diskCycle after which a size is measured again
    /// @param days      how long archives are kept
    /// @param every     how often the agent measures; empty = `slapos node collect` alone does
    public record Collecting(boolean diskUsage, Duration diskCycle, int days, Optional<Duration> every) {}

    /// `[slapformat]`.
    ///
    /// @param interfaceName         gets one local IPv4 address per partition
    /// @param ipv6Interface         holds the node's global IPv6, gets one address per partition
    /// @param computerIpv6          the node's own IPv6
    /// @param ipv6PrefixShift       bits of each partition's IPv6 range beyond the node's prefix
    /// @param partitionHasIpv6Range each partition gets a routed IPv6 range
    /// @param tapGatewayInterface   the taps get IPv4 addresses out of this interface's network
    /// @param ownSourceAddress      what a partition's processes send leaves with the partition's own IPv6
    /// @param instanceStorageHome   holds a folder `data<N>` for each further disk
    /// @param computerJson          gets a copy of `computerXml` as JSON
    /// @param inputDefinition       names partitions, users and addresses, which are then not chosen
    /// @param outputDefinition      gets such a file
    public record Format(
            int partitionAmount,
            Path computerXml,
            String partitionBaseName,
            String userBaseName,
            String tapBaseName,
            Optional<String> interfaceName,
            Optional<String> ipv6Interface,
            Optional<String> ipv4LocalNetwork,
            ComputerIpv6 computerIpv6,
            int ipv6PrefixShift,
            boolean partitionHasIpv6Range,
            boolean createTap,
            boolean tapIpv6,
            Optional<String> tapGatewayInterface,
            boolean createTun,
            boolean tunIpv6,
            boolean ownSourceAddress,
            boolean alterUser,
            boolean alterNetwork,
            String softwareUser,
            Optional<Path> instanceStorageHome,
            Optional<Path> computerJson,
            Optional<Path> inputDefinition,
            Optional<Path> outputDefinition) {}

    /// `computer_ipv6`: where the node's own IPv6 comes from.
    public sealed interface ComputerIpv6 {
        /// The best one of `ipv6_interface`.
        record Found() implements ComputerIpv6 {}

        /// `ADDRESS/LENGTH`, put on `ipv6_interface` when missing.
        record Given(String address) implements ComputerIpv6 {}

        /// `ula`: one of a private /64 of this Computer's own (RFC 4193), always the same.
        record UniqueLocal() implements ComputerIpv6 {}

        /// `none`: partitions have IPv4 alone.
        record None() implements ComputerIpv6 {}
    }

    /// How to talk to the Master as this node.
    public SlapClient.Settings masterSettings() {
        return new SlapClient.Settings(
                masterUrl, identity.map(i -> new SlapClient.Identity(i.certificateFile(), i.keyFile())), masterCaFile);
    }

    /// The supervisor's socket; a very old node has it under another name, and keeps it.
    public Path supervisorSocket() {
        var old = instanceRoot.resolve("supervisord.socket");
        return Files.exists(old) ? old : instanceRoot.resolve("sv.sock");
    }
}
