package org.slapos.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.slapos.cli.verbs.CommandFailure;
import org.slapos.cli.verbs.ExitStatus;

/// Looks whether the machine is ready for the demo, before anything is made: all that is wrong, a sentence each.
final class Preflight {
    private final DemoSettings settings;
    private final List<String> problems = new ArrayList<>();

    private Preflight(DemoSettings settings) {
        this.settings = settings;
    }

    /// @param made      what the demo made before
    /// @param isRunning its Master runs already, and so may hold the port
    /// @throws CommandFailure with all problems
    static void check(DemoSettings settings, UndoList made, boolean isRunning) throws IOException {
        var preflight = new Preflight(settings);
        preflight.programs();
        preflight.packages();
        preflight.disk();
        if (!isRunning) {
            preflight.port();
        }
        if (settings.asRoot()) {
            preflight.users(made);
            preflight.network();
        }
        if (!preflight.problems.isEmpty()) {
            throw new CommandFailure(
                    ExitStatus.FAILED,
                    "this machine is not ready for the demo:\n  - " + String.join("\n  - ", preflight.problems));
        }
    }

    private void programs() {
        for (var needed : List.of("lib", "bin/slapos", "runtime/bin/buildout", "runtime/bin/supervisord", "software")) {
            if (!Files.exists(settings.programs().resolve(needed))) {
                problems.add(settings.programs().resolve(needed) + " is missing: run 'make build' first.");
            }
        }
    }

    /// As root it installs what is missing; otherwise it says what to install.
    private void packages() {
        var check = settings.programs().resolve("bin").resolve("system-packages");
        try {
            if (Files.exists(check)) {
                Machine.run(check.toString());
            }
        } catch (IOException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
    }

    private void disk() throws IOException {
        var existing = settings.root();
        while (!Files.exists(existing)) {
            existing = existing.resolve("..").normalize();
        }
        long free = Files.getFileStore(existing).getUsableSpace();
        if (free < settings.minFreeBytes()) {
            problems.add(String.format(
                    "%s has %d MiB free, and the demo wants %d MiB: make room, name another folder by SLAPOS_DEMO_ROOT,"
                            + " or lower SLAPOS_DEMO_MIN_FREE_MIB.",
                    existing, free >> 20, settings.minFreeBytes() >> 20));
        }
    }

    private void port() {
        if (!Machine.isFree(settings.port())) {
            problems.add("port " + settings.port() + " of 127.0.0.1 is used by another program: end it,"
                    + " or choose another port, as in SLAPOS_DEMO_PORT=18443 make demo.");
        }
    }

    /// The demo makes its users itself, and so can remove them: those of others are not touched.
    private void users(UndoList made) throws IOException {
        var ours = made.users();
        var foreign = settings.users().stream()
                .filter(name -> !ours.contains(name) && Machine.user(name).isPresent())
                .toList();
        if (!foreign.isEmpty()) {
            problems.add("these users exist, and the demo did not make them: " + String.join(", ", foreign)
                    + ". It takes over no user: use another machine, remove them if they are not needed, or run it"
                    + " without root.");
        }
    }

    private void network() {
        if (!Machine.hasIpv6()) {
            problems.add("this kernel has no IPv6, which every partition has an address of: switch it on"
                    + " (no ipv6.disable=1 on the kernel's command line), or run the demo without root.");
        }
    }
}
