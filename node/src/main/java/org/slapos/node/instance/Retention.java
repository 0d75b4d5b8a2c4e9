package org.slapos.node.instance;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.host.UnixUser;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How long the content of a destroyed instance is kept: a number of days that its first deployment wrote down, counted
/// from the first attempt to destroy it. Neither is ever changed.
final class Retention {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
    private static final String DELAY = ".slapos-retention-lock-delay";
    private static final String DATE = ".slapos-retention-lock-date";
    private static final int MAX_BYTES = 100;
    private static final double MAX_DAYS = 36_525;
    private static final double MAX_SECONDS = 253_402_300_799.0; // the last of the year 9999

    private final Host host;
    private final Path partition;
    private final UnixUser owner;

    Retention(Host host, Path partition, UnixUser owner) {
        this.host = host;
        this.partition = partition;
        this.owner = owner;
    }

    /// @param days as the Master asks, decimal; what is no number counts as 0
    void writeDelay(String days) {
        if (read(DELAY).isEmpty()) {
            write(DELAY, Double.toString(number(days).orElse(0.0)));
        }
    }

    /// Until when destruction has to wait; empty when it may go on.
    Optional<Instant> lockedUntil(Instant now) {
        double days = read(DELAY).flatMap(Retention::number).orElse(0.0);
        if (days <= 0) {
            return Optional.empty();
        }
        if (read(DATE).isEmpty()) {
            var until = now.plus(Duration.ofSeconds((long) (Math.min(days, MAX_DAYS) * 86_400)));
            write(DATE, Long.toString(until.getEpochSecond()));
        }
        return read(DATE)
                .flatMap(Retention::number)
                .map(seconds -> Instant.ofEpochSecond((long) Math.min(seconds, MAX_SECONDS)))
                .filter(now::isBefore);
    }

    /// Something else of that name is the tenant's doing, and keeps nothing.
    private Optional<String> read(String name) {
        try {
            return host.readTenantFile(partition, name, MAX_BYTES)
                    .map(bytes -> new String(bytes, StandardCharsets.UTF_8).strip());
        } catch (HostException e) {
            LOG.warn("{}", e.getMessage());
            return Optional.empty();
        }
    }

    private void write(String name, String text) {
        host.writeTenantFile(partition, name, text.getBytes(StandardCharsets.UTF_8), 0644, owner.uid(), owner.gid());
    }

    private static Optional<Double> number(String text) {
        return text.matches("\\d{1,12}(\\.\\d{1,9})?(E\\d)?") ? Optional.of(Double.valueOf(text)) : Optional.empty();
    }
}
