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
        int status = switch (commands.find(asksForHelp ? line.subList(1, line.size()) : line)) {
            case CommandTable.Called.Help(var words) -> {
                GeneralHelp.print(session.out(), commands, words);
                yield ExitStatus.OK;
            }
            case CommandTable.Called.Unknown unknown -> unknown(unknown, asksForHelp);
            case CommandTable.Called.Verb(var entry, var arguments) when asksForHelp -> call(entry, List.of("--help"));
            case CommandTable.Called.Verb(var entry, var arguments) -> call(entry, arguments);
        };
        session.out().flush();
        session.err().flush();
        return status;
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
