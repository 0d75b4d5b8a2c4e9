package org.slapos.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slapos.cli.verbs.CommandFailure;
import org.slapos.cli.verbs.CommandTable;
import org.slapos.cli.verbs.ExitStatus;
import org.slapos.cli.verbs.Verb;
import picocli.CommandLine.Command;

/// `slapos demo`: a whole cloud on this machine. Looks at these variables of the environment:
///
/// - `SLAPOS_DEMO_ROOT`: the folder that holds all of it
/// - `SLAPOS_DEMO_PORT`: the Master's port, 8443 unless set
/// - `SLAPOS_DEMO_MIN_FREE_MIB`: disk space it wants to see free, 1024 unless set
public final class DemoVerbs {
    private DemoVerbs() {}

    /// The commands.
    public static List<CommandTable.Entry> commands() {
        return List.of(
                new CommandTable.Entry("demo start", CommandTable.Section.OTHER, Start::new),
                new CommandTable.Entry("demo stop", CommandTable.Section.OTHER, Stop::new),
                new CommandTable.Entry("demo status", CommandTable.Section.OTHER, Status::new));
    }

    /// The settings that the environment asks for.
    private static DemoSettings settings(Verb verb) throws IOException {
        var home = System.getProperty("slapos.home");
        if (home == null) {
            throw new CommandFailure(ExitStatus.FAILED, "start it by bin/slapos, which knows where the programs are.");
        }
        return DemoSettings.of(verb.environment(), Path.of(home), Machine.isRoot());
    }

    /// `slapos demo start`.
    @Command(
            description = {
                "Brings the cloud up, step by step, and fetches the page that its first instance serves.",
                "Goes on where an earlier one was stopped; what is there already is kept.",
                "As root it makes users and addresses below /srv/slapos-demo; else everything runs as you, on loopback."
            },
            footer = {
                "",
                "Variables of the environment:",
                "  SLAPOS_DEMO_ROOT          the folder that holds all of it",
                "  SLAPOS_DEMO_PORT          the Master's port, 8443 unless set",
                "  SLAPOS_DEMO_MIN_FREE_MIB  disk space it wants to see free, 1024 unless set"
            })
    static final class Start extends Verb {
        @Override
        public int call() throws IOException {
            var settings = settings(this);
            try (var _ = DemoLock.take(settings)) {
                new DemoStart(settings, out()).run();
            }
            return ExitStatus.OK;
        }
    }

    /// `slapos demo stop`.
    @Command(description = "Ends the cloud, and takes away all that it made on this machine.")
    static final class Stop extends Verb {
        @Override
        public int call() throws IOException {
            var settings = settings(this);
            if (!Files.exists(settings.root())) {
                log().info("There is no demo in " + settings.root() + ": nothing to stop.");
                return ExitStatus.OK;
            }
            try (var _ = DemoLock.take(settings)) {
                new DemoStop(settings, out()).run();
            }
            return ExitStatus.OK;
        }
    }

    /// `slapos demo status`.
    @Command(description = "Says what of the demo runs; exit status 2 when not all of it does.")
    static final class Status extends Verb {
        @Override
        public int call() throws IOException {
            var settings = settings(this);
            var programs = new Programs(settings, new UndoList(settings.undoList()));
            boolean all = true;
            for (var name : DemoStart.DAEMONS) {
                long pid = programs.pid(name);
                out().printf("%-12s %s%n", name, pid > 0 ? "runs, process " + pid : "does not run");
                all &= pid > 0;
            }
            out().println(all ? "Master: " + settings.web() : "'make demo' brings it up.");
            return all ? ExitStatus.OK : ExitStatus.NOT_READY;
        }
    }
}
