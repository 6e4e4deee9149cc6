package io.onlyonce.launcher;

import io.onlyonce.launcher.command.DemoCommand;
import io.onlyonce.launcher.command.StackCommands;
import io.onlyonce.launcher.command.TrainCommand;
import io.onlyonce.launcher.command.UpCommand;
import io.onlyonce.launcher.command.VerifyCommand;
import io.onlyonce.launcher.stack.LabException;
import io.onlyonce.platform.ComponentFailedException;
import io.onlyonce.platform.process.Directories;
import io.onlyonce.verifier.ComponentName;
import java.nio.file.Path;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The command {@code ./lab}. */
@Command(
        name = "./lab",
        description = "Exactly-once order processing on Kafka, run as processes on this machine.",
        mixinStandardHelpOptions = true,
        version = "Onlyonce 1.0",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            StackCommands.Down.class,
            StackCommands.Status.class,
            StackCommands.Logs.class,
            StackCommands.Kill.class,
            StackCommands.Start.class,
            StackCommands.Freeze.class,
            StackCommands.Thaw.class,
            VerifyCommand.class,
            TrainCommand.class,
            CommandLine.HelpCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:success",
            "1:a guarantee was violated, or a component is not running",
            "2:invalid command line",
            "3:the command could not run: for example, a port is in use or a component did not start",
            "130:Ctrl-C"
        },
        footer = {
            "%n./lab bench runs the benchmarks. See ./lab bench --help.",
            "./lab test runs all tests (mvn verify).",
            "LAB_PORT_OFFSET=N adds N to every port. LAB_STATE_DIR sets the directory of data and logs (default: .lab).",
            "SINK=debezium runs the stack with the Debezium sink. TRANSACTIONAL_STORE=false disables transactional stores.",
            "TIERED_STOP_AT_LEVEL=4 runs the stack with the optimizing JIT compiler, for long loads. It is the default on"
                    + " four or more processors."
        })
final class Lab {
    private static final int COULD_NOT_RUN = 3;
    private static final int INTERRUPTED = 130;

    static CommandLine commandLine() {
        return new CommandLine(new Lab())
                .registerConverter(ComponentName.class, converter(ComponentName::of))
                // Each path is a result file. If it cannot be written, the command fails before the run.
                .registerConverter(Path.class, converter(file -> Directories.requireWritable(Path.of(file))))
                .setExecutionExceptionHandler((e, commandLine, parsed) -> {
                    if (isInterrupted()) {
                        // Ctrl-C stops the components, which the interrupted command then reports as failures.
                        return INTERRUPTED;
                    }
                    if (e instanceof LabException || e instanceof ComponentFailedException) {
                        System.err.println(e.getMessage());
                    } else {
                        e.printStackTrace();
                    }
                    return COULD_NOT_RUN;
                })
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** Whether the JVM is shutting down. */
    private static boolean isInterrupted() {
        Thread hook = new Thread(() -> {});
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            return !Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return true;
        }
    }

    private static <T> ITypeConverter<T> converter(Function<String, T> conversion) {
        return value -> {
            try {
                return conversion.apply(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        };
    }

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }
}
