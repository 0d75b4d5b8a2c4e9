package org.slapos.node.host;

import java.time.Instant;

/// A running process and all that it has used since it started.
///
/// @param identity     pid and start: never the same for two processes of one boot
/// @param command      with its arguments, its first 4 KiB; empty when it shows none
/// @param cpuSeconds   user and system time, its own and of its children that ended
/// @param memoryBytes  its resident memory, what it shares with others included
/// @param ioBytes      read from and written to disks; 0 when the kernel does not tell
/// @param ioOperations reads and writes
public record ProcessDetail(
        String identity,
        long pid,
        long parent,
        int uid,
        Instant start,
        String name,
        String command,
        double cpuSeconds,
        long threads,
        long memoryBytes,
        long ioBytes,
        long ioOperations)
        implements RunningProcess {}
