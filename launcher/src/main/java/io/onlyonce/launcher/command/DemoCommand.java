package io.onlyonce.launcher.command;

import io.onlyonce.launcher.stack.TemporaryStack;
import io.onlyonce.verifier.Demo;
import io.onlyonce.verifier.Progress;
import io.onlyonce.verifier.report.DemoResult;
import io.onlyonce.verifier.report.HtmlReport;
import io.onlyonce.verifier.report.JsonReport;
import io.onlyonce.verifier.report.TextReport;
import java.io.IOException;
import picocli.CommandLine.Command;

@Command(
        name = "demo",
        description = {
            "Compare exactly-once with at-least-once under kill -9.",
            "Starts a temporary stack, sends orders and duplicates, and kills the stream under load, once per mode. Prints"
                    + " both ledgers. Exits with 0 only if exactly-once lost and duplicated nothing and at-least-once"
                    + " duplicated orders."
        },
        mixinStandardHelpOptions = true)
public final class DemoCommand extends RunCommand {
    @Override
    Report run(TemporaryStack temporary, Progress progress) throws IOException, InterruptedException {
        DemoResult result = new Demo(temporary.stack().systemUnderTest(), temporary, seed, progress).run();
        return new Report(
                result.isConvincing(), TextReport.of(result), JsonReport.of(result), HtmlReport.of(result, origin()));
    }
}
