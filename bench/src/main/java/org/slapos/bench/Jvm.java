package org.slapos.bench;

import java.nio.file.Path;

/// The JDK that runs us, for the programs beside ours.
final class Jvm {
    private Jvm() {}

    /// A program of the JDK, such as `java`.
    static String program(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }
}
