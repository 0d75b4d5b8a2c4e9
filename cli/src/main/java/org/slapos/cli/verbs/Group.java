package org.slapos.cli.verbs;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// A word that needs another after it, such as `service`: alone it says which there are.
public abstract class Group implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public final Integer call() {
        var line = java.util.Objects.requireNonNull(spec, "set by picocli").commandLine();
        line.usage(line.getOut());
        return ExitStatus.OK;
    }
}
