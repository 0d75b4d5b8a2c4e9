package org.slapos.node.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slapos.node.NodeConfiguration;
import org.slapos.node.host.CleanEnvironment;
import org.slapos.node.host.Command;
import org.slapos.node.host.CommandResult;
import org.slapos.node.host.Host;
import org.slapos.node.host.LinuxHost;
import org.slapos.node.host.Undo;
import org.slapos.node.host.UndoList;
import org.slapos.node.host.UnixUser;

/// A user and a directory like those of a partition, for the time of an examination. Closing it takes away all that
/// was made by its [#host].
final class Trial implements AutoCloseable {
    private static final String LIST = ".slapos-doctor.undo";

    private final Path list;
    private final Host host;
    private final Path directory;
    private final UnixUser user;

    private Trial(Path list, Host host, Path directory, UnixUser user) {
        this.list = list;
        this.host = host;
        this.directory = directory;
        this.user = user;
    }

    /// Takes away what a killed doctor left, then makes user and directory.
    ///
    /// @param kvmGroup the group that may use `/dev/kvm`, when the user has to be in one
    static Trial open(NodeConfiguration configuration, Optional<String> kvmGroup) {
        var base = nearest(configuration.instanceRoot());
        var list = base.resolve(LIST);
        if (Files.exists(list)) {
            new Undo(_ -> {}).undo(list);
        }
        var host = new LinuxHost(UndoList.at(list));
        long pid = ProcessHandle.current().pid();
        var directory = base.resolve(".slapos-doctor-" + pid);
        try {
            host.createDirectory(directory, 0750);
            var user = host.self();
            if (host.isRoot()) {
                host.createUser("slapdoctor" + pid, directory, kvmGroup.stream().toList());
                user = host.user("slapdoctor" + pid).orElseThrow();
                host.setOwner(directory, user.uid(), user.gid());
            }
            return new Trial(list, host, directory, user);
        } catch (RuntimeException e) {
            new Undo(_ -> {}).undo(list);
            throw e;
        }
    }

    private static Path nearest(Path path) {
        var parent = path.getParent();
        return Files.isDirectory(path) || parent == null ? path : nearest(parent);
    }

    /// The machine; what is made by it is undone.
    Host host() {
        return host;
    }

    Path directory() {
        return directory;
    }

    /// Like a partition's user; in single-user mode whoever runs the node.
    UnixUser user() {
        return user;
    }

    /// Runs a program as the user, in the directory, with nothing but what a partition has.
    CommandResult run(String... line) {
        return host.run(Command.of(line)
                .withUser(user)
                .withDirectory(directory)
                .withEnvironment(CleanEnvironment.of(directory, Map.of())));
    }

    /// Runs a few lines of Python as the user.
    CommandResult python(String text, String... arguments) {
        var line = new ArrayList<>(List.of("/usr/bin/python3", "-I", "-S", "-c", text));
        line.addAll(List.of(arguments));
        return run(line.toArray(String[]::new));
    }

    /// @throws org.slapos.node.host.HostException when the list cannot be read
    @Override
    public void close() {
        new Undo(_ -> {}).undo(list);
    }
}
