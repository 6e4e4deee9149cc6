package io.onlyonce.bench;

import io.onlyonce.bench.ingest.IngestRates;
import io.onlyonce.bench.sink.SinkRate;
import io.onlyonce.bench.stack.PipelineCost;
import io.onlyonce.bench.stack.PipelineRate;
import io.onlyonce.bench.stack.StackLatencies;
import io.onlyonce.bench.stream.Outages;
import io.onlyonce.bench.stream.StreamRates;
import io.onlyonce.platform.ProjectHome;
import io.onlyonce.platform.process.Directories;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The command {@code ./lab bench}. */
@Command(
        name = "./lab bench",
        description = {
            "Measures the cost of exactly-once, compared with baselines in the same run.",
            "Candidates take turns after a warm-up; the median of several rounds counts."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeOnExecutionException = Bench.FAILED,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all experiments completed, even if they missed targets",
            "2:the command line is invalid",
            "3:an experiment failed, or the results could not be written"
        })
final class Bench implements Callable<Integer> {
    static final int FAILED = 3;

    @Option(names = "--quick", description = "Small amounts and one round: minutes instead of half an hour")
    private boolean quick;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            converter = WritableFile.class,
            description = "Write the results to FILE")
    private Path json;

    @Option(names = "--docs", description = "Update docs/: performance.json, the generated tables and the plots")
    private boolean docs;

    @Option(
            names = "--only",
            paramLabel = "NAME",
            split = ",",
            description = "Run only these experiments: ${COMPLETION-CANDIDATES}")
    private List<Experiment> only = List.of(Experiment.values());

    @Spec
    private CommandSpec spec;

    /** Starts the servers that it needs, measures, and stops them, also if it fails. */
    @FunctionalInterface
    private interface Procedure {
        void run(BenchScale scale, BenchReport report) throws Exception;
    }

    private enum Experiment {
        STREAM(StreamRates::run),
        RECOVERY(Outages::recovery),
        FAILOVER(Outages::failover),
        INGEST(IngestRates::run),
        SINK(SinkRate::run),
        STACK(StackLatencies::run),
        PIPELINE(PipelineCost::run),
        TEXTBOOK(PipelineRate::run);

        private final Procedure procedure;

        Experiment(Procedure procedure) {
            this.procedure = procedure;
        }

        /** The name for {@code --only} and for progress lines. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Rejects a path that is not writable before the run, not after it. */
    static final class WritableFile implements ITypeConverter<Path> {
        @Override
        public Path convert(String value) {
            try {
                return Directories.requireWritable(Path.of(value));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    @Override
    public Integer call() throws IOException {
        if (docs && quick) {
            throw new ParameterException(spec.commandLine(), "--docs needs complete rounds, without --quick");
        }
        Docs pages = docs ? new Docs(ProjectHome.locate().root().resolve("docs")) : null;
        BenchReport report = new BenchReport(RunEnvironment.current(quick));
        boolean failed = false;
        for (Experiment experiment : EnumSet.copyOf(only)) {
            failed |= !run(experiment, report);
        }
        System.out.println(report.table());
        if (json != null) {
            report.writeJson(json);
        }
        if (pages != null) {
            pages.write(report);
        }
        return failed ? FAILED : 0;
    }

    private boolean run(Experiment experiment, BenchReport report) {
        report.begin(experiment.toString());
        try {
            experiment.procedure.run(quick ? BenchScale.QUICK : BenchScale.FULL, report);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (Exception e) {
            System.err.println(experiment + " failed:");
            e.printStackTrace();
            return false;
        }
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new Bench()).execute(args));
    }
}
