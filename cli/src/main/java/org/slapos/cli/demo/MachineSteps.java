package org.slapos.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/// What has to be on the machine before the cloud: room, programs, and as root a user and a network.
final class MachineSteps {
    private final DemoSettings settings;
    private final UndoList made;
    private final Programs programs;

    MachineSteps(DemoSettings settings, UndoList made, Programs programs) {
        this.settings = settings;
        this.made = made;
        this.programs = programs;
    }

    String checkMachine() throws IOException {
        boolean isRunning = programs.pid("master") > 0;
        Preflight.check(settings, made, isRunning);
        for (var folder : List.of(settings.etc(), settings.log(), settings.run())) {
            Folders.make(folder, "rwxr-xr-x");
        }
        return isRunning ? "the demo runs already" : "";
    }

    String installPrograms() throws IOException {
        var installed = settings.etc().resolve("programs.id");
        var wanted = Folders.fingerprint(settings.programs());
        if (Files.isDirectory(settings.app())
                && Files.exists(installed)
                && Files.readString(installed).equals(wanted)) {
            return "as they were";
        }
        // What runs from the old copy is ended; a later step starts it again.
        for (var daemon : DemoStart.DAEMONS.reversed()) {
            end(daemon);
        }
        Folders.install(settings.programs(), settings.app());
        Files.writeString(installed, wanted);
        return settings.app().toString();
    }

    private void end(String daemon) throws IOException {
        long pid = programs.pid(daemon);
        if (pid > 0) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
            programs.await(
                    30,
                    daemon,
                    () -> daemon + " does not end",
                    () -> ProcessHandle.of(pid).isEmpty());
        }
    }

    String makeMasterUser() throws IOException {
        var name = settings.masterUser();
        if (Machine.user(name).isEmpty()) {
            made.willMakeUser(name, settings.masterFolder());
            Machine.run(
                    "useradd",
                    "--system",
                    "--user-group",
                    "--no-create-home",
                    "--home-dir",
                    settings.masterFolder().toString(),
                    "--shell",
                    "/usr/sbin/nologin",
                    name);
        }
        return name;
    }

    /// A random network of the kind that is never routed (RFC 4193), of which this machine is address 1.
    String addNetwork() throws IOException {
        var file = settings.etc().resolve("network");
        if (!Files.exists(file)) {
            var random = new SecureRandom();
            // No group with leading zeros: as it is written, so the kernel shows it.
            var groups = random.ints(3, 0x1000, 0x10000).boxed().toArray();
            Files.writeString(file, String.format("fd%02x:%x:%x:%x", concat(random.nextInt(256), groups)));
        }
        if (Machine.isIpv6Off()) {
            made.willChangeSetting("net.ipv6.conf.lo.disable_ipv6", "1");
            Machine.run("sysctl", "-q", "-w", "net.ipv6.conf.lo.disable_ipv6=0");
        }
        var address = Files.readString(file) + "::1/64";
        if (!Machine.run("ip", "-6", "-o", "addr", "show", "dev", "lo").contains(address)) {
            made.willAddAddress("lo", address);
            Machine.run("ip", "-6", "addr", "add", address, "dev", "lo", "nodad");
        }
        return address;
    }

    private static Object[] concat(Object first, Object[] rest) {
        var all = new ArrayList<>(List.of(rest));
        all.addFirst(first);
        return all.toArray();
    }
}
