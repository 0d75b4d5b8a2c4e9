package org.slapos.bench;

import java.io.IOException;
import java.io.OutputStream;

/// The least that a daemon in Java can be: it sleeps until its standard input ends.
public final class SleepingJvm {
    private SleepingJvm() {}

    static void main() throws IOException {
        System.in.transferTo(OutputStream.nullOutputStream());
    }
}
