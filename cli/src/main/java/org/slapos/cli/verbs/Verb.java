package org.slapos.cli.verbs;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.client.SlapClient;

/// What every command has at hand: where to print, its configuration, a connection to the Master.
public abstract class Verb {
    private @Nullable Session session;
    private @Nullable GlobalOptions options;
    private @Nullable Log log;

    /// Does it, once it has its arguments.
    ///
    /// @return one of [ExitStatus]
    public abstract int call() throws IOException;

    /// Gives it what its process has, and the options of every command; before it is called.
    final void in(Session given, GlobalOptions all) {
        session = given;
        options = all;
    }

    /// Whether it can be called when nothing but its name was typed.
    protected boolean needsNoArguments() {
        return false;
    }

    final GlobalOptions options() {
        return Objects.requireNonNull(options, "given before the command is called");
    }

    protected final Session session() {
        return Objects.requireNonNull(session, "given before the command is called");
    }

    /// The variables of the environment that it may look at.
    public final Map<String, String> environment() {
        return session().environment();
    }

    protected final PrintWriter out() {
        return session().out();
    }

    protected final PrintWriter err() {
        return session().err();
    }

    protected final InputStream in() {
        return session().in();
    }

    /// Says what is not part of the result.
    protected final Log log() {
        if (log == null) {
            var file = options().logFile() == null ? null : expanded(options().logFile());
            boolean colour = options().wantsColour() || session().mayColour(2);
            log = new Log(err(), options().least(), colour, session().time()::now, file);
        }
        return log;
    }

    /// Ends what it said.
    final void close() {
        if (log != null) {
            log.close();
        }
    }

    protected final ClientConfiguration configuration() {
        var read = ClientConfiguration.read(configurationFile(), this::expanded);
        log().debug("configuration " + read.origin() + ", master " + read.master());
        return read;
    }

    /// The Master of the configuration, as the person of its certificate.
    protected final SlapClient connect() throws IOException {
        return configuration().connect();
    }

    /// The client configuration file: named on the command line, else by the environment, else the user's own.
    protected final Path configurationFile() {
        return configurationFile("SLAPOS_CLIENT_CONFIGURATION")
                .orElseGet(() -> session().home().resolve(".slapos").resolve("slapos-client.cfg"));
    }

    /// The file that `--cfg` or, without it, the variable of the environment names.
    final Optional<Path> configurationFile(String variable) {
        return Optional.ofNullable(options().configuration())
                .or(() -> Optional.ofNullable(environment().get(variable))
                        .filter(name -> !name.isBlank())
                        .map(Path::of))
                .map(this::expanded);
    }

    /// A leading `~` is the user's home directory.
    protected final Path expanded(Path path) {
        return session().expanded(path);
    }

    /// Prints what was found in the form that was asked for; without `-o` in the command's own, which scripts rely on.
    protected final void print(Found found, Runnable own) {
        var format = options().format();
        if (format == null) {
            own.run();
        } else {
            print(found, format);
        }
        out().flush();
    }

    private void print(Found found, GlobalOptions.Format format) {
        switch (format) {
            case json -> out().println(JsonText.of(found.record().get()));
            case yaml -> out().print(YamlText.of(found.record().get()));
            case table -> found.table().get().print(out());
            case name -> found.names().forEach(name -> out().println(Visible.line(name)));
        }
    }

    /// As [#print(Found, Runnable)], for commands whose own form is the table.
    protected final void print(Found found) {
        print(found, () -> found.table().get().print(out()));
    }

    /// Whether `-o` was given: then the whole record is wanted, not only what the command's own form shows.
    protected final boolean wantsAll() {
        return options().format() != null && !wantsNames();
    }

    /// Whether only references are wanted.
    protected final boolean wantsNames() {
        return options().format() == GlobalOptions.Format.name;
    }

    /// The same in all forms; each is made when it is printed.
    ///
    /// @param record all that is known
    /// @param names  the references alone
    protected record Found(Supplier<JsonNode> record, Supplier<Table> table, List<String> names) {}
}
