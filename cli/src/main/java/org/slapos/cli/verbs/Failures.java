package org.slapos.cli.verbs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.client.SlapException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// What a failure says and how the command ends. What was foreseen is one sentence; a bug shows where it was.
public final class Failures {
    private Failures() {}

    /// @return 5 for a command that does not exist, else 2
    public static int badArguments(ParameterException e, String[] arguments) {
        var line = e.getCommandLine();
        var err = line.getErr();
        err.println("slapos: " + e.getMessage());
        if (e instanceof UnmatchedArgumentException && !line.getSubcommands().isEmpty()) {
            UnmatchedArgumentException.printSuggestions(e, err);
            err.println("'" + line.getCommandSpec().qualifiedName() + " --help' lists the commands.");
            return ExitStatus.UNKNOWN_COMMAND;
        }
        err.println("'" + line.getCommandSpec().qualifiedName() + " --help' says how it is used.");
        return ExitStatus.NOT_READY;
    }

    public static int failed(Exception e, CommandLine line, ParseResult result) {
        var err = line.getErr();
        switch (e) {
            case CommandFailure failure -> {
                err.println("slapos: " + failure.getMessage());
                return failure.status();
            }
            case SlapException refused -> err.println("slapos: " + sentence(refused));
            case MalformedException malformed -> err.println("slapos: " + malformed.getMessage());
            case IOException broken -> err.println("slapos: " + sentence(broken));
            case UncheckedIOException broken ->
                err.println("slapos: " + sentence(Objects.requireNonNull(broken.getCause())));
            default -> {
                err.println("slapos: this is a bug, please report it with these lines:");
                e.printStackTrace(err);
            }
        }
        return ExitStatus.FAILED;
    }

    private static String sentence(SlapException e) {
        var advice = switch (e.kind()) {
            case UNREACHABLE -> " Is the Master running, and is master_url in the configuration right?";
            case FORBIDDEN -> " The certificate in the configuration is not allowed to do this.";
            case BUSY -> " Try again later.";
            case SERVER_ERROR -> " The Master's log says more.";
            case NOT_FOUND, NOT_READY, REFUSED -> "";
        };
        var message = String.valueOf(e.getMessage());
        return (message.endsWith(".") || advice.isEmpty() ? message : message + ".") + advice;
    }

    private static String sentence(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "there is no file " + missing.getFile();
            case AccessDeniedException denied -> "no permission for " + denied.getFile();
            default -> String.valueOf(e.getMessage());
        };
    }
}
