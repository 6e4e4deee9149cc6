package io.onlyonce.launcher;

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
            "Show the guarantee: a stack of its own, orders with duplicates among them, kill -9 of the stream under load,",
            "first under exactly-once, then under at-least-once, and both ledgers side by side."
        },
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    @Mixin
    private ReportOptions reports;

    @Option(names = "--seed", description = "Repeat a run's orders and kills; chosen at random by default")
    private Long seed;

    @Override
    public Integer call() throws IOException, InterruptedException {
        long chosen = seed == null ? ThreadLocalRandom.current().nextInt(1_000_000) : seed;
        try (Terminal terminal = new Terminal();
                TemporaryStack temporary = new TemporaryStack(reports.keep())) {
            terminal.phase("Starting a stack of its own (seed " + chosen + ")");
            temporary.stack().up(terminal::ready);
            DemoResult outcome =
                    new Demo(temporary.stack().systemUnderTest(), temporary.faults(), chosen, terminal).run();
            terminal.close();
            System.out.println(TextReport.of(outcome));
            reports.write(JsonReport.of(outcome), HtmlReport.of(outcome));
            return outcome.isConvincing() ? 0 : Lab.BROKEN;
        }
    }
}
