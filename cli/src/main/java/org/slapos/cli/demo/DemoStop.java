package org.slapos.cli.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.Set;
import org.slapos.cli.verbs.CommandFailure;
import org.slapos.cli.verbs.ExitStatus;

/// Ends the cloud and takes away all it made: the undo list backwards (agent, services, partitions, Master, addresses,
/// users), then processes that are left, then the folder. Doing it twice, or after a crash, is harmless.
final class DemoStop {
    private final DemoSettings settings;
    private final PrintWriter out;

    DemoStop(DemoSettings settings, PrintWriter out) {
        this.settings = settings;
        this.out = out;
    }

    /// @throws CommandFailure when something could not be undone; the list then names what is left
    void run() throws IOException {
        var steps = new Steps(out, 3);
        // Read before the list is undone and the users are gone.
        var leftovers = new Leftovers(settings.root(), uids());
        steps.step("what the demo made on this machine undone", this::undo);
        steps.step("processes left", () -> {
            int killed = leftovers.kill();
            return killed == 0 ? "none" : killed + " killed";
        });
        steps.step("folder deleted", () -> {
            Folders.delete(settings.root());
            return settings.root().toString();
        });
    }

    private String undo() throws IOException {
        if (!Files.exists(settings.undoList())) {
            return "nothing";
        }
        var log = Files.createTempFile("slapos-demo-stop", ".log");
        var process = new ProcessBuilder(
                        launcher(),
                        "node",
                        "undo",
                        "--list",
                        settings.undoList().toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            int status = process.waitFor();
            if (status != 0) {
                throw new CommandFailure(
                        ExitStatus.FAILED,
                        "not everything could be undone; " + settings.undoList()
                                + " names what is left, and nothing else was deleted.\n" + Programs.tail(log));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitStatus.FAILED, "interrupted; 'make demo-stop' goes on from here");
        } finally {
            Files.deleteIfExists(log);
        }
        return "";
    }

    /// The programs that run this: the demo's own copy may be damaged.
    private static String launcher() {
        var launcher = System.getProperty("slapos.launcher");
        if (launcher == null) {
            throw new CommandFailure(ExitStatus.FAILED, "start it by bin/slapos");
        }
        return launcher;
    }

    /// Of the users that the demo made. Without root there are none: a person's other processes are theirs.
    private Set<Integer> uids() throws IOException {
        var uids = new HashSet<Integer>();
        for (var name : new UndoList(settings.undoList()).users()) {
            Machine.user(name)
                    .map(entry -> Integer.parseInt(entry[2]))
                    .filter(uid -> uid != 0)
                    .ifPresent(uids::add);
        }
        return uids;
    }
}
