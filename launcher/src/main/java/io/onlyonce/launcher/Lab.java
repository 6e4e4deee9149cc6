package io.onlyonce.launcher;

import io.onlyonce.platform.ComponentFailedException;
import io.onlyonce.verifier.ComponentName;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The command {@code ./lab}. */
@Command(
        name = "./lab",
        description = "Exactly-once order processing on Kafka, run as real processes on this machine.",
        mixinStandardHelpOptions = true,
        version = "Onlyonce 1.0",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            DownCommand.class,
            StatusCommand.class,
            LogsCommand.class,
            KillCommand.class,
            StartCommand.class,
            VerifyCommand.class,
            BenchCommand.class,
            RehearseCommand.class,
            CommandLine.HelpCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done, and what was to be shown was shown",
            "1:a guarantee was found broken, or a part does not run",
            "2:the command line is wrong",
            "3:something stands in the way: a port is taken, a part does not start"
        },
        footer = {
            "%nAlso: ./lab test runs every test (mvn verify).",
            "LAB_PORT_OFFSET=N shifts every port by N; LAB_STATE_DIR says where data and logs go (.lab)."
        })
final class Lab implements Callable<Integer> {
    static final int BROKEN = 1;
    static final int OBSTACLE = 3;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(System.out);
        return CommandLine.ExitCode.USAGE;
    }

    /** Lets the command line speak of parts as the contract does. */
    private static ComponentName part(String name) {
        try {
            return ComponentName.of(name);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    public static void main(String[] args) {
        IExecutionExceptionHandler handler = (e, commandLine, parsed) -> {
            if (e instanceof LabException || e instanceof ComponentFailedException) {
                System.err.println(e.getMessage());
            } else {
                e.printStackTrace();
            }
            return OBSTACLE;
        };
        System.exit(new CommandLine(new Lab())
                .registerConverter(ComponentName.class, Lab::part)
                .setExecutionExceptionHandler(handler)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }
}
