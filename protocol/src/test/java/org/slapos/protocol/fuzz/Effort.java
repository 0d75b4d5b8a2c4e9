package org.slapos.protocol.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/// What the current thread has cost.
final class Effort {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Effort() {}

    static long allocatedBytes() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    static Duration processorTime() {
        return Duration.ofNanos(THREADS.getCurrentThreadCpuTime());
    }
}
