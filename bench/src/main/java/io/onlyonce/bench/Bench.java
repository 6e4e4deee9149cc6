package io.onlyonce.bench;

import io.onlyonce.bench.ingest.IngestRates;
import io.onlyonce.bench.sink.SinkRate;
import io.onlyonce.bench.stream.Failover;
import io.onlyonce.bench.stream.Recovery;
import io.onlyonce.bench.stream.StreamRates;
import io.onlyonce.bench.whole.WholeStack;
import io.onlyonce.platform.Directories;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The command {@code ./lab bench}. */
@Command(
        name = "./lab bench",
        description = {
            "Measure what exactly-once costs, beside what people would use instead: each contender in the same run, in",
            "turn, after a warm-up, several rounds of which the median counts."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeOnExecutionException = Bench.FAILED,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all was measured, whether targets were met or not",
            "2:the command line is wrong",
            "3:an experiment failed, or the results could not be written"
        })
final class Bench implements Callable<Integer> {
    static final int FAILED = 3;

    private static final List<Experiment> EXPERIMENTS = List.of(
            new StreamRates(), new Recovery(), new Failover(), new IngestRates(), new SinkRate(), new WholeStack());

    @Option(names = "--quick", description = "Small amounts, one round: some minutes instead of half an hour")
    private boolean quick;

    @Option(names = "--json", paramLabel = "FILE", converter = Writable.class, description = "Write the results")
    private Path json;

    @Option(names = "--docs", description = "Put the results into docs/: performance.json, the tables and the plots")
    private boolean docs;

    @Option(
            names = "--only",
            paramLabel = "NAME",
            split = ",",
            description = "Of ${COMPLETION-CANDIDATES}",
            completionCandidates = Names.class)
    private List<String> only = List.of();

    /** Refuses, before the run, what could not be written after it. */
    static final class Writable implements ITypeConverter<Path> {
        @Override
        public Path convert(String value) {
            try {
                return Directories.requireWritable(Path.of(value));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** For the help text and the check of what is asked for. */
    static final class Names implements Iterable<String> {
        @Override
        public java.util.Iterator<String> iterator() {
            return EXPERIMENTS.stream().map(Experiment::name).iterator();
        }
    }

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        List<String> unknown = only.stream()
                .filter(name -> EXPERIMENTS.stream().noneMatch(one -> one.name().equals(name)))
                .toList();
        if (!unknown.isEmpty()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "No experiment is called %s; there are %s"
                            .formatted(
                                    String.join(", ", unknown),
                                    EXPERIMENTS.stream().map(Experiment::name).collect(Collectors.joining(", "))));
        }
        Protocol protocol = new Protocol(Environment.here(quick));
        boolean failed = false;
        for (Experiment experiment : EXPERIMENTS) {
            if (only.isEmpty() || only.contains(experiment.name())) {
                failed |= !run(experiment, protocol);
            }
        }
        System.out.println(protocol.table());
        if (json != null) {
            protocol.writeJson(json);
        }
        if (docs) {
            new Docs(protocol).write();
        }
        return failed ? FAILED : 0;
    }

    private boolean run(Experiment experiment, Protocol protocol) {
        protocol.begin(experiment.name());
        try {
            experiment.run(quick ? Scale.QUICK : Scale.FULL, protocol);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (Exception e) {
            System.err.println(experiment.name() + " failed:");
            e.printStackTrace();
            return false;
        }
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new Bench()).execute(args));
    }
}
