package org.slapos.node.host;

/// What a running process has used.
///
/// @param identity      pid and start: never the same for two processes of one boot
/// @param cpuSeconds    user and system time since it started
/// @param memoryBytes   its share of memory (PSS), or its resident memory where the kernel does not tell
public record ProcessUse(String identity, long pid, long parent, int uid, double cpuSeconds, long memoryBytes)
        implements RunningProcess {}
