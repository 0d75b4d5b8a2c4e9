package org.slapos.protocol.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/// Runs conversations against one client or server, as one test for each file.
public final class GoldenRun {
    private GoldenRun() {}

    /// Checks one conversation; `all` are those it may need before.
    @FunctionalInterface
    public interface Check {
        void check(Conversation conversation, Map<String, Conversation> all) throws Exception;
    }

    /// A test for each file of some folders. What `not-yet.txt` lists for that runner must fail, so that the list
    /// never holds more than is missing.
    public static Stream<DynamicTest> tests(String runner, Check check, String... folders) throws IOException {
        var all = Conversation.all(folders);
        var notYet = Conversation.notYet(runner);
        assertThat(all.keySet()).as("what not-yet.txt lists for " + runner).containsAll(notYet);
        return all.values().stream()
                .map(conversation -> DynamicTest.dynamicTest(conversation.name(), () -> {
                    if (notYet.contains(conversation.name())) {
                        assertThatThrownBy(() -> check.check(conversation, all))
                                .as("%s holds now: remove it from not-yet.txt", conversation.name())
                                .isInstanceOf(AssertionError.class);
                    } else {
                        check.check(conversation, all);
                    }
                }));
    }
}
