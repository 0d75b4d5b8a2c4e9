package org.slapos.world.firstlight;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.function.Supplier;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/// Steps that build on one another: the first that fails shows the logs, and those after it are skipped.
final class StepsInOrder implements BeforeEachCallback, TestExecutionExceptionHandler {
    private final Supplier<String> logs;
    private String failed = "";

    StepsInOrder(Supplier<String> logs) {
        this.logs = logs;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        assumeTrue(failed.isEmpty(), () -> "skipped because the step " + failed + " failed");
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable problem) {
        failed = context.getRequiredTestMethod().getName();
        throw new AssertionError("step " + failed + ": " + problem.getMessage() + "\n" + logs.get(), problem);
    }
}
