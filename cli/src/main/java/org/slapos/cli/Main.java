package org.slapos.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.slapos.cli.demo.DemoVerbs;
import org.slapos.cli.verbs.Failures;
import org.slapos.cli.verbs.Slapos;
import picocli.CommandLine;

/// The client program: reads the command line, does one verb, leaves its exit status.
public final class Main {
    private Main() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(System.getenv(), out, err, arguments));
    }

    /// Does what the arguments say, with nothing taken from the process itself.
    ///
    /// @return one of [ExitStatus]
    public static int run(Map<String, String> environment, PrintWriter out, PrintWriter err, String... arguments) {
        var slapos = new CommandLine(new Slapos(environment)).addSubcommand(new DemoVerbs());
        slapos.setOut(out).setErr(err);
        slapos.setParameterExceptionHandler(Failures::badArguments);
        slapos.setExecutionExceptionHandler(Failures::failed);
        slapos.setAbbreviatedOptionsAllowed(false);
        slapos.setUsageHelpAutoWidth(false).setUsageHelpWidth(120);
        spaceOut(slapos);
        int status = slapos.execute(arguments);
        out.flush();
        err.flush();
        return status;
    }

    /// An empty line before the options and before the commands of every help.
    private static void spaceOut(CommandLine line) {
        line.getCommandSpec().usageMessage().optionListHeading("%nOptions:%n").commandListHeading("%nCommands:%n");
        line.getSubcommands().values().forEach(Main::spaceOut);
    }
}
