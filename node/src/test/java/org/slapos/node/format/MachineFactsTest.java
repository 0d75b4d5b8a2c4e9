package org.slapos.node.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/// What a node says of its machine.
class MachineFactsTest {
    private static final String PROCESSORS =
            "processor\t: 0\nvendor_id\t: AuthenticAMD\n\nprocessor\t: 1\nvendor_id\t: AuthenticAMD\n";

    @Test
    void coresMemoryAndProcessorAreThoseOfTheKernel() {
        assertThat(MachineFacts.hardware(PROCESSORS, "MemTotal:       24605428 kB\nMemFree: 1 kB\n", "amd64"))
                .isEqualTo(Map.of("cores", "2", "memory", "24605428KiB", "cpu_type", "x86_64/amd"));
    }

    @Test
    void whatTheKernelDoesNotTellIsNotSaid() {
        assertThat(MachineFacts.hardware("", "", "aarch64")).isEqualTo(Map.of("cpu_type", "aarch64"));
    }
}
