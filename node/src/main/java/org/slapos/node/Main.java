package org.slapos.node;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.slapos.node.host.HostException;
import org.slapos.node.register.RegistrationException;
import org.slapos.node.supervisor.SupervisorException;
import org.slapos.node.verbs.AgentVerb;
import org.slapos.node.verbs.BangVerb;
import org.slapos.node.verbs.BootVerb;
import org.slapos.node.verbs.CollectVerb;
import org.slapos.node.verbs.DoctorVerb;
import org.slapos.node.verbs.FormatVerb;
import org.slapos.node.verbs.InstanceVerb;
import org.slapos.node.verbs.NodeVerb;
import org.slapos.node.verbs.NotRootException;
import org.slapos.node.verbs.PromiseVerb;
import org.slapos.node.verbs.PruneVerb;
import org.slapos.node.verbs.RegisterVerb;
import org.slapos.node.verbs.RenewVerb;
import org.slapos.node.verbs.ReportVerb;
import org.slapos.node.verbs.ServiceVerb;
import org.slapos.node.verbs.SoftwareVerb;
import org.slapos.node.verbs.StatusVerb;
import org.slapos.node.verbs.SupervisorctlVerb;
import org.slapos.node.verbs.SupervisordVerb;
import org.slapos.node.verbs.UndoVerb;
import org.slapos.protocol.client.SlapException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.UnmatchedArgumentException;

/// The program `slapos node`: picks the verb, and turns what went wrong into a message and an exit status.
@Command(
        name = "slapos node",
        mixinStandardHelpOptions = true,
        description = "What this machine does as a Computer of a SlapOS cloud.",
        synopsisSubcommandLabel = "VERB")
public final class Main implements Runnable {
    private static final int UNKNOWN_COMMAND = 5;
    private static final int WRONG_ARGUMENTS = 2;
    private static final List<Verb> VERBS = List.of(
            new Verb("register", RegisterVerb::new),
            new Verb("renew", RenewVerb::new),
            new Verb("format", FormatVerb::new),
            new Verb("doctor", DoctorVerb::new),
            new Verb("agent", AgentVerb::new),
            new Verb("software", SoftwareVerb::new),
            new Verb("instance", InstanceVerb::new),
            new Verb("promise", PromiseVerb::new),
            new Verb("report", ReportVerb::new),
            new Verb("collect", CollectVerb::new),
            new Verb("boot", BootVerb::new),
            new Verb("bang", BangVerb::new),
            new Verb("prune", PruneVerb::new),
            new Verb("supervisord", SupervisordVerb::new),
            new Verb("supervisorctl", SupervisorctlVerb::new),
            new Verb("status", StatusVerb::new),
            new Verb("start", ServiceVerb.Start::new),
            new Verb("stop", ServiceVerb.Stop::new),
            new Verb("restart", ServiceVerb.Restart::new),
            new Verb("tail", ServiceVerb.Tail::new),
            new Verb("undo", UndoVerb::new));

    private record Verb(String name, Supplier<NodeVerb> make) {}

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /// Runs a verb; the word `node` before it may be there or not.
    ///
    /// @return the exit status
    public static int run(String... arguments) {
        boolean named = arguments.length > 0 && arguments[0].equals("node");
        var words = named ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments;
        return commandLine(words)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::wrongArguments)
                .setExecutionExceptionHandler((failure, _, _) -> failed(failure))
                .execute(words);
    }

    /// Of all verbs only the one that is called is looked at: reading the options of one takes milliseconds.
    private static CommandLine commandLine(String... words) {
        var program = new CommandLine(new Main());
        var called = VERBS.stream()
                .filter(verb -> words.length > 0 && verb.name().equals(words[0]))
                .toList();
        (called.isEmpty() ? VERBS : called)
                .forEach(verb -> program.addSubcommand(verb.make().get()));
        return program;
    }

    /// Without a verb: what there is.
    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    private static int wrongArguments(CommandLine.ParameterException wrong, String[] arguments) {
        var command = wrong.getCommandLine();
        command.getErr().println(wrong.getMessage());
        UnmatchedArgumentException.printSuggestions(wrong, command.getErr());
        boolean noVerb = command.getParent() == null && wrong instanceof UnmatchedArgumentException;
        command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return noVerb ? UNKNOWN_COMMAND : WRONG_ARGUMENTS;
    }

    private static int failed(Exception failure) {
        var log = LoggerFactory.getLogger(Main.class);
        switch (failure) {
            case NotRootException e -> {
                log.error("{}", e.getMessage());
                return NodeVerb.NOT_ROOT;
            }
            case ConfigurationException e -> log.error("{}", e.getMessage());
            case HostException e -> log.error("{}", e.getMessage());
            case SupervisorException e -> log.error("{}", e.getMessage());
            case RegistrationException e -> log.error("{}", e.getMessage());
            case SlapException e -> log.error("{}", e.getMessage());
            default -> log.error("this should not have happened; please report it", failure);
        }
        return NodeVerb.FAILED;
    }
}
