package org.slapos.node.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Own IPv6 source addresses of users, by two means of the kernel that know who sends:
///
/// - to addresses of this machine, a routing table for each user (`ip rule ... uidrange`) that names the source. The
///   kernel asks the table of local addresses first; it has to come after these, so its rule is moved from 0 to 100.
/// - a table of nftables for all: what would stay on the machine with another's address is refused, what leaves the
///   machine with another's address gets the user's own.
///
/// What root and all other users send is not touched.
final class LinuxSourceAddresses {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int OWN_RULE = 50;
    private static final int LOCAL_RULE = 100;
    /// The routing table of a user; the kernel's own are below 256.
    private static final int FIRST_TABLE = 1_000_000_000;

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,63}");
    private static final Pattern OWN = Pattern.compile("(\\d+) : ([0-9a-f:]+)");
    private static final Pattern MAY = Pattern.compile("(\\d+) \\. ([0-9a-f:]+)(?:/(\\d+))?");

    private final LinuxProcesses processes;
    private final UndoList undoList;

    LinuxSourceAddresses(LinuxProcesses processes, UndoList undoList) {
        this.processes = processes;
        this.undoList = undoList;
    }

    /// What holds now; a user whose rules are not whole is left out.
    Set<SourceAddress> observe(String name) {
        var rules = rules();
        if (rules.localIsFirst || rules.tables.isEmpty()) {
            return Set.of();
        }
        var filter = filter(name);
        var local = localRoutes();
        var found = new HashSet<SourceAddress>();
        filter.own.forEach((uid, address) -> {
            if (rules.tables.contains(table(uid))) {
                found.add(new SourceAddress(
                        uid,
                        address,
                        filter.may.getOrDefault(uid, Set.of()),
                        networks(local.getOrDefault(table(uid), Map.of()), address)));
            }
        });
        return found;
    }

    /// Makes it so: what is missing or different is changed, the rest stays; users that are not named lose theirs from
    /// the filter.
    void set(String name, List<SourceAddress> wanted) {
        if (!NAME.matcher(name).matches()) {
            throw new HostException("'" + name + "' is no name for a table of nftables");
        }
        var rules = rules();
        var now = observe(name);
        var local = localRoutes();
        var lines = new ArrayList<String>();
        var undo = new ArrayList<UndoList.Entry>();
        if (rules.localIsFirst) {
            undo.add(new UndoList.Entry(UndoList.Kind.LOCALRULE, List.of(Integer.toString(LOCAL_RULE))));
            if (!rules.localIsLater) {
                lines.add("rule add pref " + LOCAL_RULE + " lookup local");
            }
        }
        for (var one : wanted) {
            if (now.contains(one)) {
                continue;
            }
            int table = table(one.uid());
            undo.add(new UndoList.Entry(
                    UndoList.Kind.RULE, List.of(Integer.toString(one.uid()), Integer.toString(table))));
            for (var network : new TreeSet<>(local.getOrDefault(table, Map.of()).keySet())) {
                if (!one.local().contains(network)) {
                    lines.add("route del local " + network + " dev lo table " + table);
                }
            }
            for (var network : new TreeSet<>(one.local())) {
                lines.add("route replace local " + network + " dev lo src " + AddressText.of(one.address()) + " table "
                        + table);
            }
            if (!rules.tables.contains(table)) {
                lines.add(
                        "rule add pref " + OWN_RULE + " uidrange " + one.uid() + "-" + one.uid() + " lookup " + table);
            }
        }
        if (rules.localIsFirst) {
            lines.add("rule del pref 0");
        }
        undo.add(new UndoList.Entry(UndoList.Kind.FILTER, List.of(name)));
        undoList.willMake(undo);
        withFile(lines, file -> processes.run(Command.of("ip", "-6", "-batch", file)))
                .orThrow("give partitions their own source addresses");
        withFile(ruleset(name, wanted), file -> processes.run(Command.of("nft", "-f", file)))
                .orThrow("keep partitions from using addresses of others");
    }

    static int table(int uid) {
        return FIRST_TABLE + uid;
    }

    /// Replaces the table in one step.
    private static List<String> ruleset(String name, List<SourceAddress> wanted) {
        var own = wanted.stream()
                .map(one -> one.uid() + " : " + AddressText.of(one.address()))
                .collect(Collectors.joining(", "));
        var may = wanted.stream()
                .flatMap(one -> one.may().stream().sorted().map(network -> one.uid() + " . " + network))
                .collect(Collectors.joining(", "));
        return """
                add table ip6 %1$s
                delete table ip6 %1$s
                table ip6 %1$s {
                  map own { type uid : ipv6_addr; elements = { %2$s } }
                  set may { type uid . ipv6_addr; flags interval; elements = { %3$s } }
                  chain here {
                    type filter hook output priority 0; policy accept;
                    oifname != "lo" accept
                    ip6 saddr ::1 accept
                    meta skuid . ip6 saddr @may accept
                    meta skuid @own reject with icmpv6 type admin-prohibited
                  }
                  chain away {
                    type nat hook postrouting priority 100; policy accept;
                    oifname "lo" accept
                    ip6 saddr fe80::/10 accept
                    meta skuid . ip6 saddr @may accept
                    snat to meta skuid map @own
                  }
                }
                """.formatted(name, own, may).lines().toList();
    }

    private <T> T withFile(List<String> lines, Function<String, T> use) {
        try {
            var file = Files.createTempFile("slapos-rules-", ".batch");
            try {
                Files.write(file, lines);
                return use.apply(file.toString());
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new HostException("cannot write a list of rules: " + e, e);
        }
    }

    /// @param tables of our rules for users
    private record Rules(boolean localIsFirst, boolean localIsLater, Set<Integer> tables) {}

    private Rules rules() {
        boolean first = false;
        boolean later = false;
        var tables = new HashSet<Integer>();
        for (var rule : json("list the routing rules of this machine", "ip", "-6", "-json", "-pretty", "rule")) {
            int priority = rule.path("priority").asInt();
            var table = rule.path("table").asText();
            first |= priority == 0 && table.equals("local");
            later |= priority == LOCAL_RULE && table.equals("local");
            int uid = rule.path("uid_start").asInt(-1);
            if (priority == OWN_RULE
                    && uid > 0
                    && uid == rule.path("uid_end").asInt(-1)
                    && table.equals(Integer.toString(table(uid)))) {
                tables.add(table(uid));
            }
        }
        return new Rules(first, later, tables);
    }

    /// The networks whose route names that source; none when another one names another source.
    private static Set<String> networks(Map<String, InetAddress> routes, InetAddress source) {
        return routes.values().stream().allMatch(source::equals) ? routes.keySet() : Set.of();
    }

    /// By table: networks with the source that their route names.
    private Map<Integer, Map<String, InetAddress>> localRoutes() {
        var found = new HashMap<Integer, Map<String, InetAddress>>();
        var routes = json(
                "list the routes of this machine",
                "ip",
                "-6",
                "-json",
                "-pretty",
                "route",
                "show",
                "table",
                "all",
                "type",
                "local",
                "dev",
                "lo");
        for (var route : routes) {
            int table = route.path("table").asInt(0);
            if (table >= FIRST_TABLE && route.has("prefsrc")) {
                found.computeIfAbsent(table, _ -> new HashMap<>())
                        .put(
                                LinuxNetwork.network(route.path("dst").asText()),
                                InetAddress.ofLiteral(route.path("prefsrc").asText()));
            }
        }
        return found;
    }

    private record Filter(Map<Integer, InetAddress> own, Map<Integer, Set<String>> may) {}

    private Filter filter(String name) {
        var text = new StringBuilder();
        var result = processes.run(Command.of("nft", "--stateless", "--numeric", "list", "table", "ip6", name)
                .withOnLine(line -> text.append(line).append('\n')));
        var own = new HashMap<Integer, InetAddress>();
        var may = new HashMap<Integer, Set<String>>();
        if (result.ok() && text.indexOf("reject with") >= 0 && text.indexOf("snat to") >= 0) {
            OWN.matcher(text)
                    .results()
                    .forEach(m -> own.put(Integer.parseInt(m.group(1)), InetAddress.ofLiteral(m.group(2))));
            MAY.matcher(text)
                    .results()
                    .forEach(m -> may.computeIfAbsent(Integer.parseInt(m.group(1)), _ -> new HashSet<>())
                            .add(LinuxNetwork.network(m.group(2) + (m.group(3) == null ? "" : "/" + m.group(3)))));
        }
        return new Filter(own, may);
    }

    private JsonNode json(String doing, String... command) {
        var text = new StringBuilder();
        processes
                .run(Command.of(command).withOnLine(line -> text.append(line).append('\n')))
                .orThrow(doing);
        try {
            return JSON.readTree(text.toString());
        } catch (JsonProcessingException e) {
            throw new HostException("cannot " + doing + ": " + e.getMessage(), e);
        }
    }
}
