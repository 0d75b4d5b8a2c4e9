package org.slapos.node.agent;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.time.Duration;
import java.util.function.Supplier;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.protocol.client.SlapException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a machine does when it has just come up: waits for its network, formats until that works, starts the services
/// it knows (with or without a Master), bangs, and has all partitions processed again. Goes on until it is done.
public final class BootComputer {
    private static final Logger LOG = LoggerFactory.getLogger(BootComputer.class);
    private static final Duration FOR_AN_ADDRESS = Duration.ofSeconds(5);
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(15);

    private final NodeConfiguration configuration;
    private final Host host;
    private final Supplier<Formatted> format;
    private final Runnable startServices;
    private final Runnable bang;
    private final Pause pause;

    /// How formatting went.
    public enum Formatted {
        DONE,
        /// The machine is made, the Master was not told.
        NOT_SENT,
        FAILED
    }

    /// How the time between two tries passes.
    public interface Pause {
        void last(Duration duration) throws InterruptedException;
    }

    /// @param startServices starts the supervisor with the services it knows
    /// @param bang          tells the Master, or throws a [SlapException]
    public BootComputer(
            NodeConfiguration configuration,
            Host host,
            Supplier<Formatted> format,
            Runnable startServices,
            Runnable bang,
            Pause pause) {
        this.configuration = configuration;
        this.host = host;
        this.format = format;
        this.startServices = startServices;
        this.bang = bang;
        this.pause = pause;
    }

    public void boot() throws InterruptedException {
        waitForAddress();
        boolean started = false;
        for (var formatted = format.get(); formatted != Formatted.DONE; formatted = format.get()) {
            if (formatted == Formatted.NOT_SENT && !started) {
                started = startServices();
            }
            LOG.warn("format is tried again in {} s", AFTER_A_FAILURE.toSeconds());
            pause.last(AFTER_A_FAILURE);
        }
        if (!started) {
            startServices();
        }
        while (!hasBanged()) {
            pause.last(AFTER_A_FAILURE);
        }
        forgetTimestamps();
        LOG.info("{} is up", configuration.computerId());
    }

    private void waitForAddress() throws InterruptedException {
        var name = configuration
                .format()
                .filter(BootComputer::needsAddress)
                .flatMap(NodeConfiguration.Format::ipv6Interface);
        boolean said = false;
        while (name.isPresent() && !hasGlobalAddress(name.get())) {
            if (!said) {
                LOG.info("waiting for a global IPv6 address on {}", name.get());
                said = true;
            }
            pause.last(FOR_AN_ADDRESS);
        }
    }

    /// One that the configuration itself names, or does without, is no reason to wait.
    private static boolean needsAddress(NodeConfiguration.Format format) {
        return format.alterNetwork() && format.computerIpv6() instanceof NodeConfiguration.ComputerIpv6.Found;
    }

    private boolean hasGlobalAddress(String name) {
        return host.networkInterfaces().stream()
                .filter(one -> one.name().equals(name))
                .flatMap(one -> one.addresses().stream())
                .anyMatch(address -> address.usable() && isGlobal(address.address()));
    }

    private static boolean isGlobal(InetAddress address) {
        return address instanceof Inet6Address
                && !address.isLinkLocalAddress()
                && !address.isLoopbackAddress()
                && !address.isMulticastAddress();
    }

    private boolean startServices() {
        try {
            startServices.run();
            return true;
        } catch (RuntimeException e) {
            LOG.error("the services this machine knows were not started: {}", e.getMessage());
            return false;
        }
    }

    private boolean hasBanged() {
        try {
            bang.run();
            return true;
        } catch (SlapException e) {
            LOG.warn("the bang is tried again in {} s: {}", AFTER_A_FAILURE.toSeconds(), e.getMessage());
            return false;
        }
    }

    /// A deletion follows no link.
    private void forgetTimestamps() {
        var base = configuration.format().map(NodeConfiguration.Format::partitionBaseName);
        if (base.isEmpty()) {
            return;
        }
        try (var directories = Files.newDirectoryStream(configuration.instanceRoot(), base.get() + "*")) {
            for (var directory : directories) {
                if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                    Files.deleteIfExists(directory.resolve(".timestamp"));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot forget the timestamps below " + configuration.instanceRoot() + ": " + e, e);
        }
    }
}
