package org.slapos.node.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slapos.node.host.Command;
import org.slapos.node.host.Disks;
import org.slapos.node.host.FileFacts;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.UndoList;

/// Disks that an instance asks for. The device files are real ones, of numbers that no driver of the machine has;
/// the tree that says what they are is laid out as sysfs does.
class DiskPermissionsTest {
    private static final int DISK = 259;

    @TempDir
    Path root;

    private final LinuxHost host = new LinuxHost(UndoList.none());
    private Path devices;
    private Path blocks;
    private Path mounts;
    private Path swaps;
    private Partition partition;
    private int group;

    @BeforeEach
    void open() throws IOException {
        assumeTrue(host.isRoot(), "only root makes device files");
        devices = Files.createDirectory(root.resolve("dev"));
        blocks = Files.createDirectories(root.resolve("sys/dev/block"));
        mounts = Files.writeString(root.resolve("mountinfo"), "36 35 259:950 / /srv rw,noatime - ext4 /dev/used rw\n");
        swaps = Files.writeString(root.resolve("swaps"), "Filename\tType\tSize\tUsed\tPriority\n");
        partition = Tenant.in(host, root);
        group = host.group("disk").orElseThrow();
    }

    /// @param folder of sysfs
    private Path device(String name, int minor, String folder, boolean isPart) throws IOException {
        var entry = Files.createDirectories(root.resolve("sys/devices").resolve(folder));
        Files.writeString(entry.resolve("dev"), DISK + ":" + minor + "\n");
        if (isPart) {
            Files.writeString(entry.resolve("partition"), "1\n");
        }
        Files.createSymbolicLink(blocks.resolve(DISK + ":" + minor), entry);
        return node(name, minor);
    }

    private Path node(String name, int minor) {
        var file = devices.resolve(name);
        host.run(Command.of("mknod", "--mode=0660", file.toString(), "b", "" + DISK, "" + minor))
                .orThrow("make " + file);
        return file;
    }

    private Favours favours(Optional<List<Path>> allowed) {
        var disks = new DiskPermissions(host, devices, new Disks(blocks, mounts, swaps), allowed);
        return new Favours(Optional.of(disks), Optional.empty(), Optional.empty());
    }

    private void ask(String json) {
        host.writeTenantFile(
                partition.directory(),
                ".slapos-disk-permission",
                json.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                0644,
                partition.owner().uid(),
                partition.owner().gid());
    }

    private void askFor(Path... paths) {
        ask(java.util.Arrays.stream(paths)
                .map(path -> "{\"disk\": \"" + path + "\"}")
                .collect(java.util.stream.Collectors.joining(", ", "[", "]")));
    }

    private void isGiven(Path device) {
        assertThat(host.facts(device)).contains(facts(Tenant.USER));
    }

    private void isRoots(Path device) {
        assertThat(host.facts(device).map(FileFacts::uid)).contains(0);
    }

    private FileFacts facts(int uid) {
        return new FileFacts(FileFacts.Kind.OTHER, uid, group, 0660);
    }

    @Test
    @Tag("checklist:DV-01")
    void aDiskThatIsAskedForIsGivenBeforeTheBuildAndAfterItAndTakenBackAtTheEnd() throws IOException {
        var disk = device("vdx", 900, "vdx", false);
        askFor(disk);

        favours(Optional.empty()).before(partition);
        isGiven(disk);

        host.setOwner(disk, 0, 0);
        favours(Optional.empty()).after(partition, false);
        isGiven(disk);

        favours(Optional.empty()).end(partition);
        assertThat(host.facts(disk)).contains(facts(0));
    }

    @Test
    @Tag("checklist:DV-02")
    void aLinkStandsForWhatItLeadsToAndOneThatLeadsNowhereForNothing() throws IOException {
        var disk = device("vdx", 900, "vdx", false);
        var link = Files.createSymbolicLink(devices.resolve("by-name"), disk);
        var nowhere = Files.createSymbolicLink(devices.resolve("nowhere"), devices.resolve("gone"));
        askFor(nowhere, link);

        favours(Optional.empty()).before(partition);

        isGiven(disk);
        assertThat(link).isSymbolicLink();
        isRoots(link);
        isRoots(nowhere);
    }

    @Test
    @Tag("checklist:DV-03")
    void aPartOfADiskMayBeAskedForToo() throws IOException {
        var disk = device("vdx", 900, "vdx", false);
        var part = device("vdx1", 901, "vdx/vdx1", true);
        askFor(part);

        favours(Optional.empty()).before(partition);

        isGiven(part);
        isRoots(disk);
    }

    @Test
    @Tag("checklist:DV-04")
    void whatTheMachineDoesNotKnowAsADiskIsPassedOver() throws IOException {
        var disk = device("vdx", 900, "vdx", false);
        var unknown = node("vdy", 910);
        var loop = device("loop9", 920, "loop9", false);
        var file = Files.createFile(devices.resolve("file"));
        var elsewhere = Files.createFile(root.resolve("precious"));
        askFor(unknown, loop, file, elsewhere, Path.of("relative"), disk);

        favours(Optional.empty()).before(partition);

        isGiven(disk);
        for (var other : List.of(unknown, loop, file, elsewhere)) {
            isRoots(other);
        }
        ask("[{\"disk\": 5}, {}, 7, \"x\", {\"disk\": \"\\u0000\"}]");
        favours(Optional.empty()).before(partition);
        ask("nonsense");
        favours(Optional.empty()).before(partition);
    }

    @Test
    void aDiskThatTheMachineUsesIsNotGivenAway() throws IOException {
        var disk = device("vdu", 949, "vdu", false);
        var mounted = device("vdu1", 950, "vdu/vdu1", true);
        var inVolume = device("vdv", 960, "vdv", false);
        var swapped = device("vdw", 970, "vdw", false);
        var part = device("vdw1", 971, "vdw/vdw1", true);
        Files.writeString(swaps, part + " partition 1000 0 -2\n/var/swap file 1000 0 -3\n", StandardOpenOption.APPEND);
        Files.createDirectories(root.resolve("sys/devices/vdv/holders/dm-0"));
        askFor(disk, mounted, inVolume, swapped, part);

        favours(Optional.empty()).before(partition);

        for (var device : List.of(disk, mounted, inVolume, swapped, part)) {
            isRoots(device);
        }
    }

    @Test
    void aDiskOfAnotherInstanceIsNotGivenAndNoPartOfIt() throws IOException {
        var disk = device("vdx", 900, "vdx", false);
        var part = device("vdx1", 901, "vdx/vdx1", true);
        var free = device("vdy", 910, "vdy", false);
        host.setOwner(disk, Tenant.USER + 1, group);
        askFor(disk, part, free);

        favours(Optional.empty()).before(partition);

        assertThat(host.facts(disk).map(FileFacts::uid)).contains(Tenant.USER + 1);
        isRoots(part);
        isGiven(free);
    }

    @Test
    @Tag("checklist:DV-05")
    void aListOfTheOperatorsAllowsWhatIsInItEvenWhenNothingIs() throws IOException {
        var one = device("vdx", 900, "vdx", false);
        var other = device("vdy", 910, "vdy", false);
        var link = Files.createSymbolicLink(devices.resolve("by-name"), one);
        askFor(one, other);

        favours(Optional.of(List.of())).before(partition);
        isRoots(one);
        isRoots(other);

        favours(Optional.of(List.of(link))).before(partition);
        isGiven(one);
        isRoots(other);

        favours(Optional.empty()).before(partition);
        isGiven(other);
    }
}
