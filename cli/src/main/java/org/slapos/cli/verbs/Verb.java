package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.client.SlapClient;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// What every command has at hand: where to print, its configuration, a connection to the Master.
public abstract class Verb implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    final Slapos slapos() {
        return (Slapos) spec().root().userObject();
    }

    /// The variables of the environment that it may look at.
    public final Map<String, String> environment() {
        return slapos().environment();
    }

    protected final PrintWriter out() {
        return spec().commandLine().getOut();
    }

    protected final PrintWriter err() {
        return spec().commandLine().getErr();
    }

    final ClientConfiguration configuration() {
        return ClientConfiguration.read(slapos().configurationFile(), slapos()::expanded);
    }

    /// The Master of the configuration, as the person of its certificate.
    final SlapClient connect() throws IOException {
        return configuration().connect();
    }

    final Path configurationFile() {
        return slapos().configurationFile();
    }

    /// Prints the value as JSON when that was asked for, else as the table.
    final void print(JsonNode json, Table table) {
        if (slapos().wantsJson()) {
            out().println(json.toPrettyString());
        } else {
            table.print(out());
        }
    }

    /// Says, on standard error, what is not part of the result.
    protected final void say(String message) {
        err().println(message);
        err().flush();
    }

    private CommandSpec spec() {
        return Objects.requireNonNull(spec, "set by picocli");
    }
}
