package org.slapos.node.instance;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slapos.node.host.Host;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where an instance may send IPv4 to, when it says so in `.slapos-whitelist-firewall`, a list of IPv4 addresses: to
/// these and nowhere else. Entries that are none are passed over; a file that is no list changes nothing; without the
/// file it may send anywhere.
///
/// What holds is asked of the kernel once in the node's life; afterwards only what changed is set. Any thread may call.
final class OutgoingWhitelist {
    private static final Logger LOG = LoggerFactory.getLogger(OutgoingWhitelist.class);
    private static final String NAME = ".slapos-whitelist-firewall";

    /// A number alone would be an address, too.
    private static final Pattern DOTTED = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    private final Host host;
    private final String table;
    private @Nullable Map<Integer, List<String>> known;

    OutgoingWhitelist(Host host, Path instanceRoot) {
        this.host = host;
        this.table = "slapos_out_" + digest(instanceRoot.toString());
    }

    synchronized void apply(Partition partition) {
        var asked = RequestFile.read(host, partition, NAME);
        if (!asked.isThere()) {
            remove(partition);
        } else if (asked.list().isPresent()) {
            var addresses = asked.list().get().stream()
                    .flatMap(entry -> ipv4(partition, entry.asText("")).stream())
                    .distinct()
                    .toList();
            set(partition, addresses);
        }
    }

    private void set(Partition partition, List<String> addresses) {
        int uid = partition.owner().uid();
        if (!addresses.equals(known().get(uid))) {
            host.setWhitelist(table, uid, addresses);
            known().put(uid, addresses);
            LOG.info("{}: it may send IPv4 to {} addresses only", partition.id(), addresses.size());
        }
    }

    synchronized void remove(Partition partition) {
        int uid = partition.owner().uid();
        if (known().containsKey(uid)) {
            host.removeWhitelist(table, uid);
            known().remove(uid);
            LOG.info("{}: it may send IPv4 to all addresses again", partition.id());
        }
    }

    /// Of those that an earlier node limited it is not known to what: they are set again.
    private Map<Integer, List<String>> known() {
        if (known == null) {
            known = new HashMap<>();
            Set<Integer> before = host.whitelistedUsers(table);
            for (int uid : before) {
                known.put(uid, List.of("unknown"));
            }
        }
        return known;
    }

    private static Optional<String> ipv4(Partition partition, String text) {
        try {
            if (DOTTED.matcher(text).matches() && InetAddress.ofLiteral(text) instanceof Inet4Address address) {
                return Optional.of(address.getHostAddress());
            }
        } catch (IllegalArgumentException _) {
            // said below
        }
        LOG.warn("{}: '{}' of {} is no IPv4 address, and is passed over", partition.id(), text, NAME);
        return Optional.empty();
    }

    /// A machine may have several nodes.
    private static String digest(String text) {
        try {
            var bytes = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(bytes, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
