package org.slapos.node.verbs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slapos.node.agent.NodeRooms;
import org.slapos.node.agent.OneShot;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What the commands share that do a node's work once.
@Command(mixinStandardHelpOptions = true)
abstract class WorkVerb extends NodeVerb {
    @SuppressWarnings("unused") // nothing hangs on it
    @Option(names = "--now", description = "accepted for compatibility: this command never waits before it starts")
    private boolean now;

    @Override
    protected final int run() {
        var configuration = configuration();
        try (var rooms = NodeRooms.open(configuration, host(configuration), InstantSource.system())) {
            return work(new OneShot(rooms));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    abstract int work(OneShot work);

    /// The words of options that take a list with commas.
    static Set<String> words(List<String> lists) {
        var words = new HashSet<String>();
        for (var list : lists) {
            Arrays.stream(list.split(",", -1))
                    .map(String::strip)
                    .filter(word -> !word.isEmpty())
                    .forEach(words::add);
        }
        return words;
    }
}
