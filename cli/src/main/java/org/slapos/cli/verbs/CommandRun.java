package org.slapos.cli.verbs;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

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
        int status;
        try {
            status = answer(GlobalOptions.of(line, commands.reach(line)));
        } catch (CommandFailure wrong) {
            session.err().println("slapos: " + wrong.getMessage());
            status = wrong.status();
        }
        session.out().flush();
        session.err().flush();
        return status;
    }

    // No pattern switch: the JVM would make a class for it, at each start.
    private int answer(GlobalOptions options) {
        var words = options.rest();
        boolean isHelp = !words.isEmpty() && words.getFirst().equals("help");
        boolean asksForHelp = isHelp || options.wantsHelp();
        var called = commands.find(isHelp ? words.subList(1, words.size()) : words);
        if (called instanceof CommandTable.Called.Verb verb) {
            return asksForHelp ? explain(verb.entry()) : call(verb.entry(), verb.arguments(), options);
        }
        if (called instanceof CommandTable.Called.Unknown unknown) {
            return unknown(unknown, asksForHelp);
        }
        if (called instanceof CommandTable.Called.Help help) {
            GeneralHelp.print(session.out(), commands, help.words());
        }
        return ExitStatus.OK;
    }

    /// The command with its arguments still to be read.
    static CommandLine line(CommandTable.Entry entry, Verb verb) {
        var line = new CommandLine(verb).setCommandName("slapos " + entry.words());
        line.setStopAtPositional(entry.passesOn());
        line.setUsageHelpAutoWidth(false).setUsageHelpWidth(WIDTH);
        line.getCommandSpec().usageMessage().optionListHeading("%nOptions:%n").parameterListHeading("%n");
        return line;
    }

    private int explain(CommandTable.Entry entry) {
        line(entry, entry.make().get()).usage(session.out());
        session.out().println();
        session.out().println("'slapos help' lists the options that every command understands.");
        return ExitStatus.OK;
    }

    private int call(CommandTable.Entry entry, List<String> arguments, GlobalOptions options) {
        var verb = entry.make().get();
        verb.in(session, options);
        try {
            if (!arguments.isEmpty() || !verb.needsNoArguments()) {
                line(entry, verb).parseArgs(arguments.toArray(String[]::new));
            }
            return verb.call();
        } catch (ParameterException e) {
            return Failures.badArguments(e, session.err());
        } catch (IOException | RuntimeException e) {
            return Failures.failed(e, verb);
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
