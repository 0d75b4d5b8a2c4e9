package org.slapos.node.verbs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slapos.node.ConfigurationException;
import org.slapos.node.host.Undo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slapos node undo`.
@Command(
        name = "undo",
        description = {
            "Take away what this node made on the machine, last made first, as its undo list names it:",
            "daemons with all they started, interfaces, addresses, users, directories with ALL that is in them.",
            "What the list does not name stays. Doing it again goes on with what is left."
        })
public final class UndoVerb extends NodeVerb {
    @Option(names = "--list", paramLabel = "FILE", description = "the list (default: undo_list of slapos.cfg)")
    private @Nullable Path list;

    @Override
    protected int run() {
        var file = Optional.ofNullable(list)
                .or(() -> configuration().undoList())
                .orElseThrow(() -> new ConfigurationException(
                        configurationFile().toString(), List.of("no undo_list: nothing was written down to undo")));
        if (!Files.exists(file)) {
            System.out.println("nothing to undo: there is no " + file);
            return SUCCESS;
        }
        return new Undo(System.out::println).undo(file) ? SUCCESS : FAILED;
    }
}
