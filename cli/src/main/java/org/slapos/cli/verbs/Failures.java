package org.slapos.cli.verbs;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.client.SlapException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// What a failure says and how the command ends. What was foreseen is a sentence that says what to do; a bug shows
/// where it was.
final class Failures {
    private Failures() {}

    /// Says how the command is used, and what was wrong.
    static int badArguments(ParameterException e, PrintWriter err) {
        var line = e.getCommandLine();
        err.print("Usage: " + line.getHelp().synopsis("Usage: ".length()));
        err.println(line.getCommandName() + ": " + e.getMessage());
        if (e instanceof UnmatchedArgumentException) {
            UnmatchedArgumentException.printSuggestions(e, err);
        }
        err.println("'slapos help " + line.getCommandName().substring("slapos ".length()) + "' says more.");
        return ExitStatus.NOT_READY;
    }

    static int failed(Exception e, Verb verb) {
        var log = logOf(verb);
        switch (e) {
            case CommandFailure failure -> log.error(failure.getMessage());
            case SlapException refused -> log.error(sentence(refused, verb));
            case MalformedException malformed -> log.error(String.valueOf(malformed.getMessage()));
            case IOException broken -> log.error(sentence(broken));
            case UncheckedIOException broken -> log.error(sentence(Objects.requireNonNull(broken.getCause())));
            default -> log.error("this is a bug, please report it with its trace (--debug shows it): " + e);
        }
        log.trace(e, verb.options().wantsTrace());
        return e instanceof CommandFailure failure ? failure.status() : ExitStatus.FAILED;
    }

    /// A log file that cannot be written to is a failure, too: it is said on the console.
    private static Log logOf(Verb verb) {
        try {
            return verb.log();
        } catch (CommandFailure _) {
            verb.options().forgetLogFile();
            return verb.log();
        }
    }

    private static String sentence(SlapException e, Verb verb) {
        var message = String.valueOf(e.getMessage());
        var advice = advice(e, verb);
        return (message.endsWith(".") || advice.isEmpty() ? message : message + ".") + advice;
    }

    private static String advice(SlapException e, Verb verb) {
        return switch (e.kind()) {
            case UNREACHABLE ->
                isTls(e)
                        ? ownCertificate(
                                verb,
                                " The Master's certificate is not trusted, or ours is refused: name the"
                                        + " file with the roots of its authority as master_ca_file in "
                                        + verb.configurationFile()
                                        + ".")
                        : " Is the Master running, and is master_url right in " + verb.configurationFile() + "?";
            case FORBIDDEN ->
                ownCertificate(verb, " The certificate in " + verb.configurationFile() + " may not do this.");
            case BUSY -> " The Master is busy: try again in a moment.";
            case SERVER_ERROR -> " The Master's log says more.";
            case NOT_FOUND, NOT_READY, LIMITED, REFUSED -> "";
        };
    }

    private static boolean isTls(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return true;
            }
        }
        return false;
    }

    /// An expired certificate explains most refusals.
    private static String ownCertificate(Verb verb, String otherwise) {
        try {
            return verb.configuration()
                    .expiry()
                    .filter(end -> end.isBefore(verb.session().time().now()))
                    .map(end -> " Your certificate expired on " + end + ": get another with 'slapos configure client'.")
                    .orElse(otherwise);
        } catch (RuntimeException _) {
            return otherwise;
        }
    }

    private static String sentence(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "there is no file " + missing.getFile();
            case AccessDeniedException denied -> "no permission for " + denied.getFile();
            default -> String.valueOf(e.getMessage());
        };
    }
}
