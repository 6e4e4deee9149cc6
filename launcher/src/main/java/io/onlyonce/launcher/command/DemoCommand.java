package io.onlyonce.launcher.command;

import io.onlyonce.launcher.stack.TemporaryStack;
import io.onlyonce.platform.RunContext;
import io.onlyonce.verifier.Demo;
import io.onlyonce.verifier.report.HtmlReport;
import io.onlyonce.verifier.report.DemoResult;
import io.onlyonce.verifier.report.JsonReport;
import io.onlyonce.verifier.report.TextReport;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = {
            "Compare exactly-once with at-least-once under kill -9.",
            "Starts a temporary stack, sends orders and duplicates, and kills the stream under load, once per mode. Prints"
                    + " both ledgers. Exits with 0 only if exactly-once lost and duplicated nothing and at-least-once"
                    + " duplicated orders."
        },
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
    @Mixin
    private ReportOptions reports;

    @Option(names = "--seed", description = "Repeat the orders and kills of an earlier run (default: random)")
    private Long seed;

    @Override
    public Integer call() throws IOException, InterruptedException {
        long chosen = seed == null ? ThreadLocalRandom.current().nextInt(1_000_000) : seed;
        try (Terminal terminal = new Terminal();
                TemporaryStack temporary = new TemporaryStack(reports.keep(), RunContext.Purpose.NORMAL)) {
            terminal.phase("Starting a temporary stack (seed " + chosen + ")");
            temporary.stack().up(terminal::ready);
            DemoResult outcome =
                    new Demo(temporary.stack().systemUnderTest(), temporary.faults(), chosen, terminal).run();
            terminal.close();
            System.out.println(TextReport.of(outcome));
            reports.write(JsonReport.of(outcome), HtmlReport.of(outcome));
            return outcome.isConvincing() ? 0 : 1;
        }
    }
}
