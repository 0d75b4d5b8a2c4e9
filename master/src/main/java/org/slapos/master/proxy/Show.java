package org.slapos.master.proxy;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `slapos proxy show`.
@Command(
        name = "show",
        description = {
            "Shows what a state file holds, also while a proxy uses it: all tables, or those that are named.",
            "On a terminal through $PAGER, if it is set."
        },
        mixinStandardHelpOptions = true)
final class Show implements Callable<Integer> {
    @Mixin
    private final Main.Options options = new Main.Options();

    @Option(names = "--computers", description = "the computers")
    private boolean computers;

    @Option(names = "--software", description = "the software wanted on them")
    private boolean software;

    @Option(names = "--partitions", description = "the partitions and the instances in them")
    private boolean partitions;

    @Option(names = "--slaves", description = "the shared instances")
    private boolean sharedInstances;

    @Option(names = "--params", description = "parameters, and what instances publish")
    private boolean parameters;

    @Option(names = "--network", description = "the addresses of partitions")
    private boolean network;

    @ParentCommand
    private @Nullable Main parent;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        var environment = Objects.requireNonNull(parent, "set by picocli").environment();
        var file = options.read(environment, Map.of())
                .stateFile()
                .orElseThrow(() -> new IOException("no state is kept: name the file with --database-uri, or as"
                        + " database_uri in the section [slapproxy] of --cfg FILE"));
        if (!Files.exists(file)) {
            throw new IOException("there is no state file " + file);
        }
        var tables = StateFile.load(file);
        var text = new StringBuilder();
        for (var table : chosen()) {
            text.append(table.apply(tables).text());
        }
        var out = Objects.requireNonNull(spec, "set by picocli").commandLine().getOut();
        print(text.toString(), environment.getOrDefault("PAGER", ""), isTerminal(), out);
        return 0;
    }

    private List<Function<Tables, ShownTables.Table>> chosen() {
        boolean all = !(computers || software || partitions || sharedInstances || parameters || network);
        var chosen = new ArrayList<Function<Tables, ShownTables.Table>>();
        if (all || computers) {
            chosen.add(ShownTables::computers);
        }
        if (all || software) {
            chosen.add(ShownTables::software);
        }
        if (all || partitions) {
            chosen.add(ShownTables::partitions);
        }
        if (all || sharedInstances) {
            chosen.add(ShownTables::sharedInstances);
        }
        if (all || parameters) {
            chosen.add(ShownTables::parameters);
        }
        if (all || network) {
            chosen.add(ShownTables::network);
        }
        return chosen;
    }

    /// @param pager a command for the shell, as the variable holds it; empty = none
    static void print(String text, String pager, boolean isTerminal, PrintWriter out) throws IOException {
        if (pager.isBlank() || !isTerminal) {
            out.print(text);
            out.flush();
            return;
        }
        var process = new ProcessBuilder("/bin/sh", "-c", pager)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var in = process.getOutputStream()) {
            in.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException _) {
            // whoever reads has seen enough
        }
        try {
            process.waitFor();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            process.destroy();
        }
    }

    private static boolean isTerminal() {
        try {
            var target = Path.of("/proc/self/fd/1").toRealPath().toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException _) {
            return false;
        }
    }
}
