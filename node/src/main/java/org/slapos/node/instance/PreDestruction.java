package org.slapos.node.instance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.slapos.node.host.Host;
import org.slapos.node.host.HostException;
import org.slapos.node.supervisor.PartitionPrograms;
import org.slapos.node.supervisor.ProcessStatus;
import org.slapos.node.supervisor.Supervisor;

/// What an instance does before it is destroyed: its scripts in `etc/prerm`, each run once under supervision, in a
/// group `<partition>-prerm` of their own. Destruction waits for their end.
final class PreDestruction {
    private static final String SUFFIX = "prerm";
    private static final String WAIT_LIST = ".slapos-report-wait-service-list";
    private static final int MAX_SCRIPTS = 1000;

    private final Host host;
    private final Supervisor supervisor;

    PreDestruction(Host host, Supervisor supervisor) {
        this.host = host;
        this.supervisor = supervisor;
    }

    boolean isRunning(Partition partition) {
        return processes(partition).stream().anyMatch(process -> process.isUp() || isStarting(process));
    }

    private static boolean isStarting(ProcessStatus process) {
        return process.state() == ProcessStatus.State.BACKOFF || process.state() == ProcessStatus.State.STOPPING;
    }

    /// Starts the scripts unless they were started already.
    ///
    /// @return whether destruction has to wait
    boolean start(Partition partition) {
        var scripts = scripts(partition.directory().resolve("etc/prerm"));
        if (scripts.isEmpty() || !processes(partition).isEmpty()) {
            return isRunning(partition);
        }
        var programs = new PartitionPrograms(
                partition.id(),
                SUFFIX,
                partition.directory(),
                partition.owner(),
                scripts.stream()
                        .map(script -> new PartitionPrograms.Program(script, false, ""))
                        .toList());
        supervisor.writeGroup(programs);
        var list = scripts.stream()
                .map(script -> programs.group() + ":" + script.getFileName() + "\n")
                .collect(Collectors.joining());
        host.writeTenantFile(
                partition.directory(),
                WAIT_LIST,
                list.getBytes(StandardCharsets.UTF_8),
                0644,
                partition.owner().uid(),
                partition.owner().gid());
        supervisor.start(partition.id(), SUFFIX);
        return true;
    }

    private List<ProcessStatus> processes(Partition partition) {
        var group = partition.id() + "-" + SUFFIX;
        return supervisor.processes().stream()
                .filter(process -> process.group().equals(group))
                .toList();
    }

    private static List<Path> scripts(Path folder) {
        var found = new ArrayList<Path>();
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return found;
        }
        try (var files = Files.newDirectoryStream(folder, Files::isExecutable)) {
            for (var file : files) {
                if (found.size() == MAX_SCRIPTS) {
                    throw new PartitionFailure("more than " + MAX_SCRIPTS + " scripts in " + folder);
                }
                found.add(file);
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new HostException("cannot list " + folder + ": " + e, e);
        }
        found.sort(null);
        return found;
    }
}
