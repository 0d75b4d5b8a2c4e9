package org.slapos.node.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Users whose IPv4 goes to a list of addresses only, by nftables: a chain for each user, reached by who sends.
final class LinuxWhitelists {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,63}");
    private static final Pattern CHAIN = Pattern.compile("chain user(\\d{1,10}) ");

    private final LinuxProcesses processes;
    private final UndoList undoList;

    LinuxWhitelists(LinuxProcesses processes, UndoList undoList) {
        this.processes = processes;
        this.undoList = undoList;
    }

    Set<Integer> users(String table) {
        var text = new StringBuilder();
        var result = processes.run(Command.of("nft", "list", "table", "ip", name(table))
                .withOnLine(line -> text.append(line).append('\n')));
        return result.ok()
                ? CHAIN.matcher(text)
                        .results()
                        .map(match -> Integer.valueOf(match.group(1)))
                        .collect(Collectors.toSet())
                : Set.of();
    }

    /// In one step, whatever held before.
    void set(String table, int uid, List<String> addresses) {
        undoList.willMake(UndoList.Kind.WHITELIST, name(table));
        var chain = "ip " + table + " user" + uid;
        var lines = new ArrayList<>(List.of(
                "add table ip " + table,
                "add map ip " + table + " who { type uid : verdict; }",
                "add chain ip " + table + " out { type filter hook output priority 10; policy accept; }",
                "flush chain ip " + table + " out",
                "add rule ip " + table + " out meta skuid vmap @who",
                "add chain " + chain,
                "flush chain " + chain));
        addresses.forEach(address -> lines.add("add rule " + chain + " ip daddr " + address + " accept"));
        lines.add("add rule " + chain + " reject");
        lines.add("add element ip " + table + " who { " + uid + " : jump user" + uid + " }");
        nft(lines, "limit where user " + uid + " sends to");
    }

    void remove(String table, int uid) {
        var chain = "ip " + name(table) + " user" + uid;
        nft(
                List.of(
                        "delete element ip " + table + " who { " + uid + " : jump user" + uid + " }",
                        "flush chain " + chain,
                        "delete chain " + chain),
                "let user " + uid + " send to all again");
    }

    private void nft(List<String> lines, String doing) {
        processes.run(Command.of("nft", String.join("\n", lines))).orThrow(doing);
    }

    private static String name(String table) {
        if (!NAME.matcher(table).matches()) {
            throw new HostException("'" + table + "' is no name for a table of nftables");
        }
        return table;
    }
}
