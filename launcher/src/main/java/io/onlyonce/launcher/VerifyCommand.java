package io.onlyonce.launcher;

import io.onlyonce.verifier.ComponentName;
import io.onlyonce.verifier.report.HtmlReport;
import io.onlyonce.verifier.report.JsonReport;
import io.onlyonce.verifier.check.Guarantee;
import io.onlyonce.verifier.Options;
import io.onlyonce.verifier.report.Result;
import io.onlyonce.verifier.report.TextReport;
import io.onlyonce.verifier.Verification;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "verify",
        description = {
            "Load and faults on a stack of its own, then an audit that trusts nothing the system says of itself.",
            "0 only if nothing was lost, duplicated, altered, half-committed or made up."
        },
        mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ReportOptions reports;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "exactly-once",
            description = "exactly-once or at-least-once (without deduplication) (${DEFAULT-VALUE})")
    private String mode;

    @Option(
            names = "--orders",
            paramLabel = "N",
            defaultValue = "" + Options.DEFAULT_ORDERS,
            description = "Orders to send (${DEFAULT-VALUE})")
    private int orders;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "" + Options.DEFAULT_RATE,
            description = "Orders a second (${DEFAULT-VALUE})")
    private double rate;

    @Option(
            names = "--duplicates",
            paramLabel = "PERCENT",
            defaultValue = "" + Options.DEFAULT_DUPLICATES_PERCENT,
            description = "So many of the orders are sent again (${DEFAULT-VALUE})")
    private int duplicates;

    @Option(names = "--kill", paramLabel = "PART", split = ",", description = "Parts to kill -9 and start again")
    private List<ComponentName> kill = List.of();

    @Option(
            names = "--freeze",
            paramLabel = "PART",
            split = ",",
            description = "Parts to SIGSTOP, replace where that can be done, and SIGCONT: zombies to be fenced")
    private List<ComponentName> freeze = List.of();

    @Option(
            names = "--every",
            paramLabel = "SECONDS",
            defaultValue = "8",
            description = "Between two faults, give or take a half (${DEFAULT-VALUE})")
    private double every;

    @Option(
            names = "--freeze-for",
            paramLabel = "SECONDS",
            defaultValue = "20",
            description = "How long a freeze lasts (${DEFAULT-VALUE})")
    private double freezeFor;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Repeat a run's orders and faults; chosen at random by default")
    private Long seed;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Options options = options();
        try (Terminal terminal = new Terminal();
                TemporaryStack temporary = new TemporaryStack(reports.keep())) {
            terminal.phase("Starting a stack of its own (seed " + options.seed() + ")");
            temporary.stack().up(terminal::ready);
            Result result =
                    new Verification(temporary.stack().systemUnderTest(), temporary.faults(), options, terminal).run();
            terminal.close();
            System.out.println(TextReport.of(result));
            reports.write(JsonReport.of(result), HtmlReport.of(result));
            return result.passed() ? 0 : Lab.BROKEN;
        }
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
                    seed == null ? ThreadLocalRandom.current().nextInt(1_000_000) : seed,
                    Options.DEFAULT_MAX_IN_FLIGHT,
                    Options.DEFAULT_REQUEST_TIMEOUT,
                    Options.DEFAULT_BOUND);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1000));
    }
}
