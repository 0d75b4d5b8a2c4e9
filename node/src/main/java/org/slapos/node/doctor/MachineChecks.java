package org.slapos.node.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.NodeConfiguration.Format;
import org.slapos.node.host.Command;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;

/// Programs, users, files, disk, devices: what partitions find on the machine.
final class MachineChecks {
    private static final Path KVM = Path.of("/dev/kvm");
    private static final long FEW_INODES = 10_000;
    private static final String OPEN_KVM = """
            import fcntl, os
            print(fcntl.ioctl(os.open("/dev/kvm", os.O_RDWR), 0xAE00))
            """;
    private static final String OPEN_TAP = """
            import fcntl, os, struct, sys
            device = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(device, 0x400454CA, struct.pack("16sH", sys.argv[1].encode(), 0x1002))
            os.write(device, b"\\xff" * 6 + bytes(6) + b"\\x88\\xb5" + bytes(50))
            """;

    private final NodeConfiguration configuration;

    MachineChecks(NodeConfiguration configuration) {
        this.configuration = configuration;
    }

    /// Before anything is tried.
    Finding tools(Host host) {
        var needed = new ArrayList<>(List.of("/usr/bin/python3", "getent"));
        if (host.isRoot()) {
            needed.addAll(List.of("useradd", "usermod", "userdel", "setpriv", "ip"));
        }
        if (configuration.format().stream().anyMatch(Format::ownSourceAddress)) {
            needed.add("nft");
        }
        var missing = needed.stream().filter(program -> !isThere(program)).toList();
        return missing.isEmpty()
                ? Finding.well("tools", "the system's programs are there: " + String.join(", ", needed))
                : Finding.failed(
                        "tools",
                        "missing: " + String.join(", ", missing),
                        "install the packages that hold them; on Debian: apt-get install python3 passwd util-linux "
                                + "iproute2 nftables");
    }

    private static boolean isThere(String program) {
        return Stream.of("/usr/sbin", "/usr/bin", "/sbin", "/bin")
                .map(folder -> Path.of(folder).resolve(program))
                .anyMatch(Files::isExecutable);
    }

    Finding users(Trial trial) {
        if (!trial.host().isRoot()) {
            return Finding.skipped(
                    "users",
                    "single-user mode: all partitions are " + trial.user().name());
        }
        var said = trial.run("id", "-u");
        var privileges = trial.run("grep", "NoNewPrivs", "/proc/self/status");
        boolean works = said.ok()
                && said.output().strip().equals(Integer.toString(trial.user().uid()))
                && privileges.output().strip().endsWith("1");
        return works
                ? Finding.well("users", "a user was made, and a program ran as it without any privilege")
                : Finding.failed(
                        "users",
                        "a user was made, and a program did not run as it: "
                                + said.output().strip() + " "
                                + privileges.output().strip(),
                        "look whether the kernel lets root change its user here (a container without the capabilities "
                                + "setuid and setgid does not)");
    }

    /// A program of a partition runs where partitions are.
    Finding instanceRoot(Trial trial) {
        var root = configuration.instanceRoot();
        var file = trial.directory().resolve("try");
        trial.host()
                .writeTenantFile(
                        trial.directory(),
                        "try",
                        "#!/bin/sh\nexec echo ran\n".getBytes(StandardCharsets.UTF_8),
                        0700,
                        trial.user().uid(),
                        trial.user().gid());
        var ran = trial.run(file.toString());
        if (ran.output().strip().equals("ran")) {
            return Finding.well("instance-root", "a program below " + root + " was written and ran");
        }
        return Finding.failed(
                "instance-root",
                "a program below " + root + " does not run for its owner: "
                        + ran.output().strip(),
                "mount the disk of " + root + " without noexec, and let every user pass through the folders above it "
                        + "(chmod o+x)");
    }

    List<Finding> disks(Host host) {
        return List.of(
                disk(host, "instance-disk", configuration.instanceRoot(), configuration.instanceMinFreeSpaceBytes()),
                disk(host, "software-disk", configuration.softwareRoot(), configuration.softwareMinFreeSpaceBytes()));
    }

    private static Finding disk(Host host, String check, Path root, long wanted) {
        var path = root;
        while (!Files.exists(path)) {
            path = Optional.ofNullable(path.getParent()).orElse(Path.of("/"));
        }
        long free;
        try {
            free = Files.getFileStore(path).getUsableSpace();
        } catch (IOException e) {
            return Finding.failed(check, "cannot look at the disk of " + root + ": " + e, "check the disk");
        }
        // Total and free inodes; file systems that need none say 0 and 0.
        var inodes = host.run(Command.of("stat", "--file-system", "--format=%c %d", path.toString()))
                .orThrow("count the inodes of " + path)
                .output()
                .strip()
                .split(" ", -1);
        boolean few = !inodes[0].equals("0") && Long.parseLong(inodes[1]) < FEW_INODES;
        var said = "%s has %,d MiB and %s inodes free"
                .formatted(root, free >> 20, inodes[0].equals("0") ? "unbounded" : inodes[1]);
        if (free < wanted) {
            return Finding.failed(
                    check,
                    said + ", less than the %,d MiB that the node wants before it works".formatted(wanted >> 20),
                    "make room, or lower " + check.replace("-disk", "_min_free_space") + " in slapos.cfg");
        }
        return few
                ? Finding.failed(check, said, "remove files that nobody needs: no file can be made without an inode")
                : Finding.well(check, said);
    }

    Finding tap(Trial trial) {
        var format = configuration.format();
        if (format.isEmpty() || !format.get().createTap() || !format.get().alterNetwork()) {
            return Finding.skipped("tap", "no tap interfaces are wanted (create_tap)");
        }
        if (!Files.exists(Path.of("/dev/net/tun"))) {
            return Finding.warning(
                    "tap",
                    "there is no /dev/net/tun: virtual machines have no network of their own",
                    "modprobe tun; in a container, give it the device");
        }
        var name = "slapdr" + trial.user().uid() % 1_000_000;
        var allowed = trial.run("test", "-w", "/dev/net/tun");
        if (!allowed.ok()) {
            return Finding.warning(
                    "tap",
                    "partition users may not open /dev/net/tun",
                    "run 'slapos node format', which allows it, at each boot; or chmod 0666 /dev/net/tun");
        }
        trial.host()
                .changeNetwork(List.of(
                        new org.slapos.node.host.NetworkChange.AddTap(
                                name, trial.user().name()),
                        new org.slapos.node.host.NetworkChange.BringUp(name)));
        var opened = trial.python(OPEN_TAP, name);
        return opened.ok()
                ? Finding.well("tap", "a tap interface was made, and its user sent a frame through it")
                : Finding.failed(
                        "tap",
                        "a tap interface was made, and its user cannot use it: " + lastLine(opened.output()),
                        "look at the rights of /dev/net/tun, and whether the kernel allows tap interfaces here");
    }

    Finding kvm(Trial trial) {
        if (!Files.exists(KVM)) {
            return Finding.warning(
                    "kvm",
                    "there is no /dev/kvm: virtual machines are emulated, many times slower",
                    "switch on virtualisation in the firmware, and modprobe kvm_intel or kvm_amd");
        }
        var opened = trial.python(OPEN_KVM);
        if (opened.ok()) {
            return Finding.well(
                    "kvm",
                    "partition users may use /dev/kvm, interface version "
                            + opened.output().strip());
        }
        return Finding.warning(
                "kvm",
                "partition users may not use /dev/kvm: " + lastLine(opened.output()),
                "run 'slapos node format', which allows it, at each boot");
    }

    static String lastLine(String output) {
        return output.strip().lines().reduce((_, last) -> last).orElse("it said nothing");
    }

    /// What goes wrong in a check is what it found.
    static Finding orFailed(String check, java.util.function.Supplier<Finding> examined) {
        try {
            return examined.get();
        } catch (HostException e) {
            return Finding.failed(check, String.valueOf(e.getMessage()), "see the message; it names what was tried");
        }
    }
}
