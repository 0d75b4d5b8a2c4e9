package org.slapos.cli.verbs;

import java.util.List;
import picocli.CommandLine;

/// One line, done: finds its command, reads its arguments, calls it.
public final class CommandRun {
    private static final int WIDTH = 120;

    private final CommandTable commands;
    private final Session session;

    public CommandRun(CommandTable commands, Session session) {
        this.commands = commands;
        this.session = session;
    }

    /// @return one of [ExitStatus]
    public int run(List<String> line) {
        boolean asksForHelp = !line.isEmpty() && line.getFirst().equals("help");
        int status = answer(commands.find(asksForHelp ? line.subList(1, line.size()) : line), asksForHelp);
        session.out().flush();
        session.err().flush();
        return status;
    }

    // No pattern switch: the JVM would make a class for it, at each start.
    private int answer(CommandTable.Called called, boolean asksForHelp) {
        if (called instanceof CommandTable.Called.Verb verb) {
            return call(verb.entry(), asksForHelp ? List.of("--help") : verb.arguments());
        }
        if (called instanceof CommandTable.Called.Unknown unknown) {
            return unknown(unknown, asksForHelp);
        }
        if (called instanceof CommandTable.Called.Help help) {
            GeneralHelp.print(session.out(), commands, help.words());
        }
        return ExitStatus.OK;
    }

    /// The command with its arguments still to be read: for completion, which asks it for its options.
    static CommandLine line(CommandTable.Entry entry, Verb verb) {
        var line = new CommandLine(verb).setCommandName("slapos " + entry.words());
        line.setStopAtPositional(verb.takesWhatFollowsAsItIs());
        line.setUsageHelpAutoWidth(false).setUsageHelpWidth(WIDTH);
        return line;
    }

    private int call(CommandTable.Entry entry, List<String> arguments) {
        var verb = entry.make().get();
        verb.in(session);
        var line = line(entry, verb);
        line.getCommandSpec().usageMessage().optionListHeading("%nOptions:%n").parameterListHeading("%n");
        line.setOut(session.out()).setErr(session.err());
        line.setParameterExceptionHandler((e, _) -> Failures.badArguments(e));
        line.setExecutionExceptionHandler((e, _, _) -> Failures.failed(e, verb));
        try {
            return line.execute(arguments.toArray(String[]::new));
        } finally {
            verb.close();
        }
    }

    private int unknown(CommandTable.Called.Unknown unknown, boolean asksForHelp) {
        var err = session.err();
        if (asksForHelp && OtherPrograms.all().containsKey(unknown.word())) {
            GeneralHelp.program(session.out(), unknown.word());
            return ExitStatus.OK;
        }
        var what = unknown.word().startsWith("-") ? "option" : "command";
        err.println("slapos: there is no " + what + " '" + unknown.word() + "'"
                + (unknown.group().isEmpty() ? "" : " of '" + unknown.group() + "'")
                + unknown.nearest()
                        .map(nearest -> ". Did you mean '" + (unknown.group() + " " + nearest).strip() + "'?")
                        .orElse("."));
        err.println("'slapos help' lists the commands.");
        return ExitStatus.UNKNOWN_COMMAND;
    }
}
