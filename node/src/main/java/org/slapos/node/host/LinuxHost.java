package org.slapos.node.host;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// The [Host] that is a real Linux machine.
public final class LinuxHost implements Host {
    private final UndoList undoList;
    private final int uid = LinuxUsers.currentUid();
    private final LinuxProcesses processes = new LinuxProcesses(uid == 0);
    private final LinuxUsers users;
    private final LinuxNetwork network;
    private final LinuxSourceAddresses sourceAddresses;
    private final LinuxWhitelists whitelists;

    /// @param undoList gets what is made on the machine, before it is made
    public LinuxHost(UndoList undoList) {
        this.undoList = undoList;
        this.users = new LinuxUsers(processes, undoList);
        this.network = new LinuxNetwork(processes, undoList);
        this.sourceAddresses = new LinuxSourceAddresses(processes, undoList);
        this.whitelists = new LinuxWhitelists(processes, undoList);
    }

    @Override
    public CommandResult run(Command command) {
        return processes.run(command);
    }

    @Override
    public Process start(String program, String argument, Path errors) {
        return processes.start(program, argument, errors);
    }

    @Override
    public boolean isRoot() {
        return uid == 0;
    }

    @Override
    public UnixUser self() {
        return users.byIds(uid, LinuxUsers.currentGid());
    }

    @Override
    public Optional<UnixUser> user(String name) {
        return users.one(name);
    }

    @Override
    public Map<String, UnixUser> users(Collection<String> names) {
        return users.byName(names);
    }

    @Override
    public Optional<UnixUser> owner(Path path) {
        return facts(path).map(facts -> users.byIds(facts.uid(), facts.gid()));
    }

    @Override
    public void createUser(String name, Path home, List<String> groups) {
        users.create(name, home, groups);
    }

    @Override
    public void addToGroup(String user, String group) {
        users.addToGroup(user, group);
    }

    @Override
    public Optional<Integer> group(String name) {
        return users.group(name);
    }

    @Override
    public Set<String> usersWithPassword(Collection<String> names) {
        return users.withPassword(names);
    }

    @Override
    public void lockPassword(String user) {
        users.lockPassword(user);
    }

    @Override
    public List<NetworkInterface> networkInterfaces() {
        return network.interfaces();
    }

    @Override
    public Set<Route> routes() {
        return network.routes();
    }

    @Override
    public Set<SourceAddress> sourceAddresses(String name) {
        return sourceAddresses.observe(name);
    }

    @Override
    public void setSourceAddresses(String name, List<SourceAddress> wanted) {
        sourceAddresses.set(name, wanted);
    }

    @Override
    public void changeNetwork(List<NetworkChange> changes) {
        network.change(changes);
    }

    @Override
    public void allowDevice(Path device, int gid, int mode) {
        var before = facts(device).orElseThrow(() -> new HostException("there is no device " + device));
        undoList.willMake(
                UndoList.Kind.DEVICE,
                device.toString(),
                Integer.toOctalString(before.mode()),
                Integer.toString(before.gid()));
        LinuxFiles.setOwner(device, before.uid(), gid);
        LinuxFiles.setMode(device, mode);
    }

    @Override
    public void giveDevice(Path device, int uid, int gid) {
        var before = facts(device).orElseThrow(() -> new HostException("there is no device " + device));
        undoList.willMake(
                UndoList.Kind.OWNER, device.toString(), Integer.toString(before.uid()), Integer.toString(before.gid()));
        LinuxFiles.setOwner(device, uid, gid);
    }

    @Override
    public Set<Integer> whitelistedUsers(String table) {
        return whitelists.users(table);
    }

    @Override
    public void setWhitelist(String table, int uid, List<String> addresses) {
        whitelists.set(table, uid, addresses);
    }

    @Override
    public void removeWhitelist(String table, int uid) {
        whitelists.remove(table, uid);
    }

    @Override
    public Optional<String> kernelSetting(String name) {
        return network.setting(name);
    }

    @Override
    public void setKernelSetting(String name, String value) {
        network.setSetting(name, value);
    }

    @Override
    public Optional<FileFacts> facts(Path path) {
        return LinuxFiles.facts(path);
    }

    @Override
    public void createDirectory(Path directory, int mode) {
        if (facts(directory).isPresent()) {
            return;
        }
        undoList.willMake(UndoList.Kind.DIRECTORY, directory.toAbsolutePath().toString());
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            LinuxFiles.setMode(directory, mode);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                throw new HostException("cannot make the directory " + directory + ": something else is there", e);
            }
        } catch (IOException e) {
            throw new HostException("cannot make the directory " + directory + ": " + e, e);
        }
    }

    @Override
    public void writeFile(Path file, byte[] content, int mode) {
        if (facts(file).isEmpty()) {
            undoList.willMake(UndoList.Kind.FILE, file.toAbsolutePath().toString());
        }
        LinuxFiles.write(file, content, mode);
    }

    @Override
    public void setOwner(Path path, int wantedUid, int wantedGid) {
        LinuxFiles.setOwner(path, wantedUid, wantedGid);
    }

    @Override
    public void setMode(Path path, int mode) {
        LinuxFiles.setMode(path, mode);
    }

    @Override
    public void writeTenantFile(
            Path tenantDirectory, String relativeName, byte[] content, int mode, int ownerUid, int ownerGid) {
        var now = facts(tenantDirectory.resolve(relativeName));
        boolean isSo = now.filter(file -> file.kind() == FileFacts.Kind.FILE
                        && file.uid() == ownerUid
                        && file.gid() == ownerGid
                        && file.mode() == mode)
                .isPresent();
        if (!isSo || !TenantFiles.holds(tenantDirectory, relativeName, content)) {
            TenantFiles.write(tenantDirectory, relativeName, content, mode, ownerUid, ownerGid);
        }
    }

    @Override
    public void showTenantFile(
            Path tenantDirectory, String relativeName, byte[] content, int mode, int ownerUid, int ownerGid) {
        if (!TenantFiles.overwrite(tenantDirectory, relativeName, content)) {
            TenantFiles.write(tenantDirectory, relativeName, content, mode, ownerUid, ownerGid);
        }
    }

    @Override
    public boolean extendTenantFile(
            Path tenantDirectory, String relativeName, byte[] ending, byte[] more, long maxBytes) {
        return TenantFiles.extend(tenantDirectory, relativeName, ending, more, maxBytes);
    }

    @Override
    public void linkTenantFile(Path tenantDirectory, String relativeName, Path target, int ownerUid, int ownerGid) {
        TenantFiles.link(tenantDirectory, relativeName, target, ownerUid, ownerGid);
    }

    @Override
    public Optional<byte[]> readTenantFile(Path tenantDirectory, String relativeName, int maxBytes) {
        return TenantFiles.read(tenantDirectory, relativeName, maxBytes);
    }

    @Override
    public void deleteTree(Path directory, boolean keepItself) {
        LinuxFiles.deleteTree(processes, directory, keepItself);
    }

    @Override
    public int endLeftovers(String environmentEntry, UnixUser user) {
        return Leftovers.end(environmentEntry, user.uid());
    }

    @Override
    public void endGroup(ControlGroup group) {
        if (isRoot()) {
            LinuxControlGroups.end(group);
        }
    }

    @Override
    public Set<String> environmentValues(String name) {
        return Leftovers.values(name);
    }

    @Override
    public void deleteUnfinished(Path folder) {
        TenantFiles.deleteUnfinished(folder);
    }

    @Override
    public ProcessorTime processorTime() {
        return ProcessorTime.now();
    }

    @Override
    public int endProcesses(UnixUser user) {
        if (user.uid() == 0 || user.uid() == uid) {
            throw new HostException("refused to end all processes of " + user.name() + ", who is no tenant");
        }
        int found = ProcessTree.ofUser(user.uid()).size();
        if (found > 0) {
            ProcessTree.kill(() -> ProcessTree.ofUser(user.uid()));
        }
        return found;
    }

    @Override
    public List<ProcessDetail> processDetails(Predicate<Integer> isWanted) {
        return LinuxProcessUse.details(isWanted);
    }

    @Override
    public MachineUse machineUse() {
        return MachineUse.now();
    }

    @Override
    public List<ProcessUse> processUse(Predicate<Integer> isWanted) {
        return LinuxProcessUse.all(isWanted);
    }

    @Override
    public void willStartDaemon(Path pidFile) {
        undoList.willMake(UndoList.Kind.DAEMON, pidFile.toAbsolutePath().toString());
    }
}
