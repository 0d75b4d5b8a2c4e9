package org.slapos.node.format;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.slapos.node.host.AddressText;
import org.slapos.node.host.NetworkChange;
import org.slapos.node.host.Route;
import org.slapos.node.host.SourceAddress;
import org.slapos.node.host.UnixUser;

/// One thing that format does.
public sealed interface Step {
    record MakeDirectory(Path directory, int mode) implements Step {}

    record SetMode(Path path, int mode) implements Step {}

    /// Gives a path to a user and the user's own group.
    record SetOwner(Path path, String user) implements Step {}

    record MakeUser(String name, Path home, List<String> groups) implements Step {}

    record JoinGroup(String user, String group) implements Step {}

    record LockPassword(String user) implements Step {}

    /// Gives a device file that group (by number) and mode.
    record AllowDevice(Path device, int gid, int mode) implements Step {}

    /// What the processes of these users send leaves with the user's own IPv6 address.
    ///
    /// @param name of the rules in the kernel
    record OwnAddresses(String name, List<OwnAddress> users) implements Step {}

    /// A [SourceAddress] of a user who may still have to be made.
    record OwnAddress(String user, InetAddress address, Set<String> may, Set<String> local) {
        SourceAddress of(UnixUser known) {
            return new SourceAddress(known.uid(), address, may, local);
        }
    }

    record SetKernel(String name, String value) implements Step {}

    record Network(List<NetworkChange> changes) implements Step {}

    /// The description of a partition's resources, for those who live in it.
    record WriteResource(Path directory, String user, String json) implements Step {}

    /// What it does, for the plan and the log; one line each.
    default List<String> describe() {
        return switch (this) {
            case MakeDirectory(var directory, var mode) ->
                List.of("make the directory " + directory + ", mode " + Integer.toOctalString(mode));
            case SetMode(var path, var mode) ->
                List.of("set the mode of " + path + " to " + Integer.toOctalString(mode));
            case SetOwner(var path, var user) -> List.of("give " + path + " to " + user);
            case MakeUser user -> List.of("make the user " + user.name() + ", home " + user.home());
            case JoinGroup(var user, var group) -> List.of("add the user " + user + " to the group " + group);
            case LockPassword(var user) -> List.of("take away the password of " + user);
            case AllowDevice(var device, var gid, var mode) ->
                List.of("let partitions use " + device + ": group " + gid + ", mode " + Integer.toOctalString(mode));
            case OwnAddresses own ->
                own.users().stream()
                        .map(one -> "let " + one.user() + " send as " + AddressText.of(one.address()))
                        .toList();
            case SetKernel(var name, var value) -> List.of("set " + name + " to " + value);
            case Network(var changes) -> changes.stream().map(Step::describe).toList();
            case WriteResource resource -> List.of("write " + resource.directory() + "/.slapos-resource");
        };
    }

    private static String describe(NetworkChange change) {
        return switch (change) {
            case NetworkChange.AddAddress added ->
                "add the address " + AddressText.of(added.address()) + "/" + added.prefixLength() + " to "
                        + added.networkInterface();
            case NetworkChange.AddTap(var name, var owner) -> "make the tap interface " + name + " for " + owner;
            case NetworkChange.AddTun(var name, var owner) -> "make the tun interface " + name + " for " + owner;
            case NetworkChange.BringUp(var name) -> "bring up " + name;
            case NetworkChange.AddRoute(Route(var isLocal, var network, var name, var via)) ->
                "route " + network + " to "
                        + (isLocal
                                ? "this machine"
                                : name
                                        + via.map(next -> " by " + AddressText.of(next))
                                                .orElse(""));
        };
    }
}
