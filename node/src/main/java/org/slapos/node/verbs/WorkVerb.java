package org.slapos.node.verbs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.slapos.node.agent.NodeRooms;
import org.slapos.node.agent.OneShot;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// What the commands share that do a node's work once.
@Command(mixinStandardHelpOptions = true)
abstract class WorkVerb extends NodeVerb {
    @Mixin
    private WorkOptions options = new WorkOptions();

    @Override
    protected final int run() {
        options.settings().forEach(settings()::putIfAbsent);
        var configuration = configuration();
        waitFor(options.delay(RandomGenerator.getDefault()));
        try (var rooms = NodeRooms.open(configuration, host(configuration), InstantSource.system())) {
            return work(new OneShot(rooms));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void waitFor(Duration delay) {
        try {
            Thread.sleep(delay);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
