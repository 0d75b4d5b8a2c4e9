package org.slapos.node.host;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The environment of builds and checks: that of the node, less what would change what they do (language, Python's
/// settings, places for temporary files).
public final class CleanEnvironment {
    /// Names the directory that is worked on, in each process of the work and in all that it starts.
    public static final String WORK = "SLAPOS_WORK";

    private static final Set<String> REMOVED = Set.of(
            "PYTHONHOME",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "PYTHONY2K",
            "PYTHONOPTIMIZE",
            "PYTHONDEBUG",
            "PYTHONDONTWRITEBYTECODE",
            "PYTHONINSPECT",
            "PYTHONUNBUFFERED",
            "PYTHONVERBOSE",
            "CONFIG_SITE",
            "ENV",
            "LOGNAME",
            "TEMP",
            "TMP",
            "TMPDIR",
            "LANG",
            "LANGUAGE",
            "LC_ADDRESS",
            "LC_COLLATE",
            "LC_CTYPE",
            "LC_IDENTIFICATION",
            "LC_MEASUREMENT",
            "LC_MESSAGES",
            "LC_MONETARY",
            "LC_NAME",
            "LC_NUMERIC",
            "LC_PAPER",
            "LC_SOURCED",
            "LC_TELEPHONE",
            "LC_TIME");

    private CleanEnvironment() {}

    /// @param home becomes `HOME`
    /// @param more is added last
    public static Map<String, String> of(Path home, Map<String, String> more) {
        return of(System.getenv(), home, more);
    }

    static Map<String, String> of(Map<String, String> inherited, Path home, Map<String, String> more) {
        var environment = new TreeMap<>(inherited);
        environment.keySet().removeAll(REMOVED);
        environment.put("HOME", home.toString());
        environment.put("PYTHONNOUSERSITE", "true");
        environment.putAll(more);
        return environment;
    }
}
