package io.onlyonce.launcher.command;

import io.onlyonce.launcher.stack.TemporaryStack;
import io.onlyonce.platform.RunContext;
import io.onlyonce.platform.machine.Machine;
import io.onlyonce.verifier.ComponentName;
import io.onlyonce.verifier.Progress;
import io.onlyonce.verifier.report.HtmlReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that runs the verifier on a temporary stack and reports the result. */
abstract class RunCommand implements Callable<Integer> {
    /** Options that the repeat command omits: they do not change a run. The seed is appended, because it can be random. */
    private static final Set<String> NO_EFFECT = Set.of("--json", "--html", "--keep", "--seed");

    @Option(names = "--json", paramLabel = "FILE", description = "Write the result as JSON")
    private Path json;

    @Option(names = "--html", paramLabel = "FILE", description = "Write the result as a page with a timeline")
    private Path html;

    @Option(names = "--keep", description = "Keep the data and logs of the stack")
    private boolean keep;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Repeat the orders and faults of an earlier run (default: random)")
    long seed = ThreadLocalRandom.current().nextInt(1_000_000);

    @Spec
    CommandSpec spec;

    record Report(boolean passed, String text, String json, String html) {}

    abstract Report run(TemporaryStack temporary, Progress progress) throws IOException, InterruptedException;

    HtmlReport.Origin origin() {
        Machine machine = Machine.current();
        return new HtmlReport.Origin(repeatCommand(), machine.hardware(), machine.versions());
    }

    /** Returns the command that repeats this run. */
    private String repeatCommand() {
        String options = spec.commandLine().getParseResult().matchedOptions().stream()
                .filter(option -> !NO_EFFECT.contains(option.longestName()))
                .map(option -> " " + option.longestName() + " " + String.join(",", option.originalStringValues()))
                .collect(Collectors.joining());
        return "./lab " + spec.name() + options + " --seed " + seed;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (Terminal terminal = new Terminal();
                TemporaryStack temporary = new TemporaryStack(keep, RunContext.Purpose.NORMAL)) {
            terminal.phase("Starting a temporary stack (seed " + seed + ")");
            terminal.starting(List.of(ComponentName.values()));
            temporary.stack().up(terminal::ready);
            Report report = run(temporary, terminal);
            terminal.close();
            System.out.println(report.text());
            if (json != null) {
                Files.writeString(json, report.json());
            }
            if (html != null) {
                Files.writeString(html, report.html());
            }
            return report.passed() ? 0 : 1;
        }
    }
}
