package org.slapos.bench;

/// The least that a command in Java can be: it starts and ends.
public final class EmptyProgram {
    private EmptyProgram() {}

    static void main() {}
}
