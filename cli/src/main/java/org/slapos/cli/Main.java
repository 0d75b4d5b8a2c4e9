package org.slapos.cli;

import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slapos.cli.console.ConsoleVerb;
import org.slapos.cli.demo.DemoVerbs;
import org.slapos.cli.verbs.ClientCommands;
import org.slapos.cli.verbs.CommandRun;
import org.slapos.cli.verbs.CommandTable;
import org.slapos.cli.verbs.Session;
import org.slapos.cli.verbs.Time;

/// The client program: reads the command line, does one command, leaves its exit status.
public final class Main {
    private Main() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) {
        var out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        var session = new Session(System.getenv(), System.in, out, err, Session::isTerminal, Time.REAL);
        System.exit(run(session, arguments));
    }

    /// Does what the arguments say, with nothing taken from the process itself.
    ///
    /// @return one of [org.slapos.cli.verbs.ExitStatus]
    public static int run(Map<String, String> environment, PrintWriter out, PrintWriter err, String... arguments) {
        return run(new Session(environment, InputStream.nullInputStream(), out, err, _ -> false, Time.REAL), arguments);
    }

    /// As [#run(Map, PrintWriter, PrintWriter, String...)], with a clock and streams of the caller's.
    public static int run(Session session, String... arguments) {
        return new CommandRun(commands(), session).run(List.of(arguments));
    }

    /// All commands of this program.
    static CommandTable commands() {
        var commands = new ArrayList<>(ClientCommands.of(Main::commands));
        commands.add(new CommandTable.Entry("console", CommandTable.Section.CLIENT, ConsoleVerb::new, true));
        commands.addAll(DemoVerbs.commands());
        return new CommandTable(commands);
    }
}
