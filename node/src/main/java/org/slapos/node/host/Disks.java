package org.slapos.node.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Which device files are disks or parts of one, and whether the machine uses them itself (sysfs(5), proc(5)).
public final class Disks {
    private static final Pattern NO_DISK = Pattern.compile("(loop|ram|zram|dm-|md|sr|fd)\\d*");
    private static final int TYPE = 0170000;
    private static final int BLOCK = 0060000;

    private final Path blocks;
    private final Path mounts;
    private final Path swaps;

    /// Of this machine.
    public Disks() {
        this(Path.of("/sys/dev/block"), Path.of("/proc/self/mountinfo"), Path.of("/proc/swaps"));
    }

    /// @param blocks a link for each block device, named by its numbers, to its folder in sysfs
    /// @param mounts what is mounted, as `/proc/self/mountinfo` says it
    /// @param swaps  where memory is swapped to, as `/proc/swaps` says it
    public Disks(Path blocks, Path mounts, Path swaps) {
        this.blocks = blocks;
        this.mounts = mounts;
        this.swaps = swaps;
    }

    /// Whether it is a disk, or a part of one, that this machine knows and has no use for itself: nothing of it is
    /// mounted, swapped to or of a volume. A link is none.
    public boolean isSpareDisk(Path device) {
        try {
            var itself = inSysfs(device);
            return itself.isPresent()
                    && !NO_DISK.matcher(String.valueOf(whole(itself.get()).getFileName()))
                            .matches()
                    && isFree(itself.get());
        } catch (NoSuchFileException _) {
            return false;
        } catch (IOException e) {
            throw new HostException("cannot look at the device " + device + ": " + e, e);
        }
    }

    /// Whether one is the other, a part of it, or both are parts of one disk.
    public boolean shareADisk(Path one, Path other) {
        try {
            var first = inSysfs(one);
            var second = inSysfs(other);
            return first.isPresent() && second.isPresent() && whole(first.get()).equals(whole(second.get()));
        } catch (NoSuchFileException _) {
            return false;
        } catch (IOException e) {
            throw new HostException("cannot look at the devices " + one + " and " + other + ": " + e, e);
        }
    }

    private Optional<Path> inSysfs(Path device) throws IOException {
        var number = number(device);
        return number.isPresent() && Files.isDirectory(blocks.resolve(number.get()))
                ? Optional.of(blocks.resolve(number.get()).toRealPath())
                : Optional.empty();
    }

    private static Path whole(Path itself) {
        var parent = itself.getParent();
        return parent != null && Files.exists(itself.resolve("partition")) ? parent : itself;
    }

    /// `MAJOR:MINOR` of a block device.
    private static Optional<String> number(Path device) throws IOException {
        var facts = Files.readAttributes(device, "unix:mode,rdev", LinkOption.NOFOLLOW_LINKS);
        if (!(facts.get("mode") instanceof Integer mode)
                || (mode & TYPE) != BLOCK
                || !(facts.get("rdev") instanceof Long rdev)) {
            return Optional.empty();
        }
        // As makedev(3) of the C library packs them.
        long major = ((rdev >>> 8) & 0xfff) | ((rdev >>> 32) & ~0xfffL);
        long minor = (rdev & 0xff) | ((rdev >>> 12) & ~0xffL);
        return Optional.of(major + ":" + minor);
    }

    private boolean isFree(Path itself) throws IOException {
        var numbers = new HashSet<String>();
        for (var folder : withParts(itself)) {
            if (hasHolders(folder)) {
                return false;
            }
            numbers.add(Files.readString(folder.resolve("dev")).strip());
        }
        if (!Collections.disjoint(numbers, swappedTo())) {
            return false;
        }
        try (var lines = Files.lines(mounts)) {
            return lines.map(line -> line.split(" ", 4))
                    .noneMatch(words -> words.length > 3 && numbers.contains(words[2]));
        }
    }

    /// None on a kernel that does not swap.
    private Set<String> swappedTo() throws IOException {
        var found = new HashSet<String>();
        for (var line : Files.exists(swaps) ? Files.readAllLines(swaps) : List.<String>of()) {
            // A blank in a name is written \040: such a one is a file, no device.
            var name = Path.of(line.split("\\s", 2)[0]);
            if (name.isAbsolute() && Files.exists(name)) {
                number(name.toRealPath()).ifPresent(found::add);
            }
        }
        return found;
    }

    private static Set<Path> withParts(Path itself) throws IOException {
        var found = new HashSet<>(Set.of(itself));
        try (var below = Files.list(itself)) {
            below.filter(folder -> Files.exists(folder.resolve("partition"))).forEach(found::add);
        }
        return found;
    }

    /// Volumes and arrays that are made of it.
    private static boolean hasHolders(Path folder) throws IOException {
        var holders = folder.resolve("holders");
        if (!Files.isDirectory(holders)) {
            return false;
        }
        try (Stream<Path> found = Files.list(holders)) {
            return found.findAny().isPresent();
        }
    }
}
