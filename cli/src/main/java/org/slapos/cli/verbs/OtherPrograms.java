package org.slapos.cli.verbs;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The programs that `bin/slapos` starts instead of this one, and their commands: help and completion cover them, too.
/// A test of the whole house compares them with what the programs really understand.
public final class OtherPrograms {
    /// @param summary what it is, in a line
    public record Program(String summary, List<String> commands) {}

    private static final Map<String, Program> ALL = new TreeMap<>(Map.of(
            "node",
            new Program(
                    "divides this machine in ComputerPartitions and runs what the Master promises",
                    List.of(
                            "register",
                            "renew",
                            "format",
                            "doctor",
                            "agent",
                            "software",
                            "instance",
                            "promise",
                            "report",
                            "collect",
                            "supervisord",
                            "supervisorctl",
                            "status",
                            "start",
                            "stop",
                            "restart",
                            "tail",
                            "boot",
                            "bang",
                            "prune",
                            "undo")),
            "master",
            new Program(
                    "the Master: parties, certificates, allocation, ledger", List.of("init", "start", "certificate")),
            "proxy",
            new Program("a Master for one user, for tests and development", List.of("start", "show"))));

    private OtherPrograms() {}

    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    public static Map<String, Program> all() {
        return ALL;
    }
}
