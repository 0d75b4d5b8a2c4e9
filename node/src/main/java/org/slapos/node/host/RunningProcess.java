package org.slapos.node.host;

/// A process that runs, as far as it says whose it is.
public sealed interface RunningProcess permits ProcessUse, ProcessDetail {
    long pid();

    /// Who started it, or who took it over.
    long parent();

    /// Its user.
    int uid();
}
