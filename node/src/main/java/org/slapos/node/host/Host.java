package org.slapos.node.host;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// The machine, as the node sees it: the only door to the kernel and to processes. Any thread may call.
///
/// Every method throws a [HostException] when the machine does not do what is asked.
public interface Host {
    /// Runs a program to its end. No shell, nothing on standard input, no open file leaks into it. At the deadline the
    /// whole process tree is frozen and killed. A user with uid or gid 0 is refused.
    CommandResult run(Command command);

    /// Starts a program that serves this one and is not waited for: no user of its own, nearly no environment, a
    /// session of its own. Its standard input and output are the caller's; by agreement it ends when its input
    /// ends.
    ///
    /// @param errors file that gets its standard error
    Process start(String program, String argument, Path errors);

    boolean isRoot();

    /// The user the node runs as.
    UnixUser self();

    Optional<UnixUser> user(String name);

    /// The users of these names that exist, by name; one pass over the user database.
    Map<String, UnixUser> users(Collection<String> names);

    /// Who owns a path, not following a link; empty when there is no such path.
    Optional<UnixUser> owner(Path path);

    /// Makes a system account without password, with a group of its own name, member of `groups` too.
    void createUser(String name, Path home, List<String> groups);

    /// Adds a user to a group, leaving its other groups alone.
    void addToGroup(String user, String group);

    /// The number of a group.
    Optional<Integer> group(String name);

    /// Those of these users that have a password to log in with; one pass over the user database.
    Set<String> usersWithPassword(Collection<String> names);

    /// Takes away the password of a user.
    void lockPassword(String user);

    /// All interfaces with their addresses; one call of the kernel's tool.
    List<NetworkInterface> networkInterfaces();

    /// The routes to networks: those of the main tables, and those of networks whose every address is this machine's.
    Set<Route> routes();

    /// The users whose processes leave with an address of their own, as the rules of that name say.
    Set<SourceAddress> sourceAddresses(String name);

    /// Gives these users, and no others under that name, an IPv6 source address of their own.
    ///
    /// @param name 1 to 64 lower-case letters, digits and `_`
    void setSourceAddresses(String name, List<SourceAddress> wanted);

    /// Makes all changes in order, in one call. At the first that fails the rest is left undone.
    void changeNetwork(List<NetworkChange> changes);

    /// Gives a device file (`/dev/kvm`) that group and mode.
    void allowDevice(Path device, int gid, int mode);

    /// Gives a device file to a user and a group.
    void giveDevice(Path device, int uid, int gid);

    /// The users whose IPv4 goes to a list of addresses only, as that table of nftables says.
    Set<Integer> whitelistedUsers(String table);

    /// From now on what this user sends by IPv4 goes to these addresses only; the rest is refused.
    ///
    /// @param table 1 to 64 lower-case letters, digits and `_`
    void setWhitelist(String table, int uid, List<String> addresses);

    /// What this user sends by IPv4 may go anywhere again.
    void removeWhitelist(String table, int uid);

    /// The value of a kernel setting such as `net.ipv6.ip_nonlocal_bind`; empty when the kernel has none of that name.
    Optional<String> kernelSetting(String name);

    void setKernelSetting(String name, String value);

    Optional<FileFacts> facts(Path path);

    /// Makes one directory, its parent being there. Nothing happens when it is there already.
    void createDirectory(Path directory, int mode);

    /// Replaces a file of the node's own in one step. Nothing happens when it holds that already.
    void writeFile(Path file, byte[] content, int mode);

    void setOwner(Path path, int uid, int gid);

    void setMode(Path path, int mode);

    /// Replaces a file below a tenant's directory in one step, following no link on the way. The directories named in
    /// `relativeName` must be there. Nothing happens when it holds that already.
    void writeTenantFile(Path tenantDirectory, String relativeName, byte[] content, int mode, int uid, int gid);

    /// As [#writeTenantFile], for text that is soon replaced again: written over a file that is there, whoever that
    /// belongs to. A crash may leave a piece of it.
    void showTenantFile(Path tenantDirectory, String relativeName, byte[] content, int mode, int uid, int gid);

    /// Puts `more` in the place of the `ending` of a file below a tenant's directory, following no link on the way.
    ///
    /// @return false when it is not there, ends otherwise or would be longer than that: then nothing is changed
    boolean extendTenantFile(Path tenantDirectory, String relativeName, byte[] ending, byte[] more, long maxBytes);

    /// Replaces a link below a tenant's directory in one step; a directory or file of that name is left alone and is
    /// an error.
    void linkTenantFile(Path tenantDirectory, String relativeName, Path target, int uid, int gid);

    /// Deletes what a process that was killed had not finished to write below the tenants' directories of a folder.
    void deleteUnfinished(Path folder);

    /// What a file below a tenant's directory holds, following no link on the way; empty when there is none.
    ///
    /// @throws HostException when it is longer than `maxBytes`, a link, or no plain file
    Optional<byte[]> readTenantFile(Path tenantDirectory, String relativeName, int maxBytes);

    /// Deletes what is in a directory, and the directory unless `keepItself`. Copes with read-only entries, follows no
    /// link, and refuses when something is mounted at or below it. Nothing happens when it is gone already.
    void deleteTree(Path directory, boolean keepItself);

    /// Ends every process of this user whose environment holds an entry (`NAME=value`), with what it started: work that
    /// a killed node left behind.
    ///
    /// @return how many there were
    int endLeftovers(String environmentEntry, UnixUser user);

    /// Ends every process in a control group and takes the group away; nothing where there is none.
    void endGroup(ControlGroup group);

    /// What a variable is in the environments of all processes, root's alone being left out.
    Set<String> environmentValues(String name);

    /// Ends every process of a user, whatever it did to be forgotten. Refused for root and for the node's own user.
    ///
    /// @return how many there were
    int endProcesses(UnixUser user);

    /// What the processors have done until now.
    ProcessorTime processorTime();

    /// What the running processes of the users that `isWanted` names by uid have used.
    List<ProcessUse> processUse(Predicate<Integer> isWanted);

    /// The running processes of the users that `isWanted` names by uid, with all that they have used.
    List<ProcessDetail> processDetails(Predicate<Integer> isWanted);

    /// What this machine has, and what of it is in use.
    MachineUse machineUse();

    /// Writes down, before it is started, a daemon that leaves its process id in a file, so that undoing stops it.
    void willStartDaemon(Path pidFile);
}
