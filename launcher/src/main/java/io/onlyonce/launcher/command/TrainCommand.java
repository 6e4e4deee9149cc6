package io.onlyonce.launcher.command;

import io.onlyonce.launcher.stack.TemporaryStack;
import io.onlyonce.platform.RunContext;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.verifier.Options;
import io.onlyonce.verifier.Progress;
import io.onlyonce.verifier.Verification;
import io.onlyonce.verifier.check.Guarantee;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The AOT training run, which the script {@code lab} starts after a build. */
@Command(
        name = "train",
        hidden = true,
        description = "Run the whole system once to create the AOT caches of all JVMs",
        mixinStandardHelpOptions = true)
public final class TrainCommand implements Callable<Integer> {
    /** Enough orders for the profiles of the JVMs. */
    private static final int ORDERS = 4_000;

    private static final double RATE = 1_000;

    @Override
    public Integer call() throws Exception {
        try (TemporaryStack temporary = new TemporaryStack(false, RunContext.Purpose.AOT_TRAINING)) {
            temporary.stack().up((component, duration) -> {});
            Options options = Options.of(Guarantee.EXACTLY_ONCE, ORDERS, RATE, List.of(), Options.DEFAULT_EVERY, 1);
            new Verification(temporary.stack().systemUnderTest(), temporary, options, Progress.SILENT).run();
            // The JVMs write their caches during a clean shutdown.
            temporary.stack().down(TerminationStyle.GRACEFUL);
        }
        return 0;
    }
}
