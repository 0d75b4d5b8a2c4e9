package org.slapos.node.format;

import java.nio.file.Path;
import java.util.List;
import org.slapos.node.host.AddressText;
import org.slapos.node.host.NetworkChange;

/// One thing that format does.
public sealed interface Step {
    record MakeDirectory(Path directory, int mode) implements Step {}

    record SetMode(Path path, int mode) implements Step {}

    /// Gives a path to a user and the user's own group.
    record SetOwner(Path path, String user) implements Step {}

    record MakeUser(String name, Path home, List<String> groups) implements Step {}

    record JoinGroup(String user, String group) implements Step {}

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
            case SetKernel(var name, var value) -> List.of("set " + name + " to " + value);
            case Network(var changes) -> changes.stream().map(Step::describe).toList();
            case WriteResource resource -> List.of("write " + resource.directory() + "/.slapos-resource");
        };
    }

    private static String describe(NetworkChange change) {
        return switch (change) {
            case NetworkChange.AddAddress(var dev, var address, var length) ->
                "add the address " + AddressText.of(address) + "/" + length + " to " + dev;
            case NetworkChange.AddTap(var name, var owner) -> "make the tap interface " + name + " for " + owner;
            case NetworkChange.BringUp(var name) -> "bring up " + name;
            case NetworkChange.AddLocalRoute(var network, var length) ->
                "route " + AddressText.of(network) + "/" + length + " to this machine";
        };
    }
}
