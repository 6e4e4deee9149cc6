package io.onlyonce.launcher;

import io.onlyonce.platform.RunContext;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.verifier.check.Guarantee;
import io.onlyonce.verifier.Options;
import io.onlyonce.verifier.Progress;
import io.onlyonce.verifier.Verification;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** What the script {@code lab} does after a build. */
@Command(
        name = "rehearse",
        hidden = true,
        description = "Run the whole system once, so that every later start is faster",
        mixinStandardHelpOptions = true)
final class RehearseCommand implements Callable<Integer> {
    /** Enough for the JVMs to learn which code an order's way is, and how it is used; nothing is measured. */
    private static final Options ORDERS = new Options(
            Guarantee.EXACTLY_ONCE,
            4_000,
            1_000,
            10,
            List.of(),
            List.of(),
            Options.DEFAULT_EVERY,
            Options.DEFAULT_FREEZE,
            1,
            32,
            Options.DEFAULT_REQUEST_TIMEOUT,
            Duration.ofSeconds(30));

    @Override
    public Integer call() throws Exception {
        try (TemporaryStack temporary = new TemporaryStack(false, RunContext.Purpose.REHEARSAL)) {
            Stack stack = temporary.stack();
            stack.up((part, after) -> {});
            new Verification(stack.systemUnderTest(), temporary.faults(), ORDERS, Progress.SILENT).run();
            stack.down(TerminationStyle.GRACEFUL);
        }
        return 0;
    }
}
