package io.onlyonce.launcher.command;

import io.onlyonce.launcher.stack.TemporaryStack;
import io.onlyonce.verifier.ComponentName;
import io.onlyonce.verifier.Options;
import io.onlyonce.verifier.Progress;
import io.onlyonce.verifier.Verification;
import io.onlyonce.verifier.check.Guarantee;
import io.onlyonce.verifier.report.HtmlReport;
import io.onlyonce.verifier.report.JsonReport;
import io.onlyonce.verifier.report.Result;
import io.onlyonce.verifier.report.TextReport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

@Command(
        name = "verify",
        description = {
            "Apply load and faults to a temporary stack, then audit its topics and tables.",
            "Exits with 0 only if no order was lost, duplicated, altered, partially committed or phantom."
        },
        mixinStandardHelpOptions = true)
public final class VerifyCommand extends RunCommand {
    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "exactly-once",
            description = "exactly-once, or at-least-once without deduplication (default: ${DEFAULT-VALUE})")
    private String mode;

    @Option(
            names = "--orders",
            paramLabel = "N",
            defaultValue = "" + Options.DEFAULT_ORDERS,
            description = "Number of orders (default: ${DEFAULT-VALUE})")
    private int orders;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "" + Options.DEFAULT_RATE,
            description = "Orders per second (default: ${DEFAULT-VALUE})")
    private double rate;

    @Option(
            names = "--duplicates",
            paramLabel = "PERCENT",
            defaultValue = "" + Options.DEFAULT_DUPLICATES_PERCENT,
            description = "Share of the orders that are sent again (default: ${DEFAULT-VALUE})")
    private int duplicates;

    @Option(
            names = "--kill",
            paramLabel = "COMPONENT",
            split = ",",
            description = "Components to kill with kill -9 and to start again")
    private List<ComponentName> kill = List.of();

    @Option(
            names = "--freeze",
            paramLabel = "COMPONENT",
            split = ",",
            description =
                    "Components to freeze (SIGSTOP) and thaw; the consumer is replaced meanwhile and must be fenced")
    private List<ComponentName> freeze = List.of();

    @Option(
            names = "--every",
            paramLabel = "SECONDS",
            defaultValue = "8",
            description =
                    "Mean time between two faults; each interval varies by up to half of it (default: ${DEFAULT-VALUE})")
    private double every;

    @Option(
            names = "--freeze-for",
            paramLabel = "SECONDS",
            defaultValue = "20",
            description = "Duration of a freeze (default: ${DEFAULT-VALUE})")
    private double freezeFor;

    private Options options;

    @Override
    public Integer call() throws IOException, InterruptedException {
        options = options();
        return super.call();
    }

    @Override
    Report run(TemporaryStack temporary, Progress progress) throws IOException, InterruptedException {
        Result result = new Verification(temporary.stack().systemUnderTest(), temporary, options, progress).run();
        return new Report(
                result.passed(), TextReport.of(result), JsonReport.of(result), HtmlReport.of(result, origin()));
    }

    private Options options() {
        try {
            return new Options(
                    Guarantee.of(mode),
                    orders,
                    rate,
                    duplicates,
                    kill,
                    freeze,
                    seconds(every),
                    seconds(freezeFor),
                    seed,
                    Options.DEFAULT_BOUND);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1000));
    }
}
