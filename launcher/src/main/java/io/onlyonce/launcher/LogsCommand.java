package io.onlyonce.launcher;

import io.onlyonce.platform.Lifetime;
import io.onlyonce.verifier.ComponentName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "logs", description = "Show a part's log.", mixinStandardHelpOptions = true)
final class LogsCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PART", description = "kafka, connect, postgres, producer, consumer or api")
    private ComponentName part;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on as the log grows, until Ctrl-C")
    private boolean follow;

    @Option(
            names = {"-n", "--tail"},
            paramLabel = "LINES",
            defaultValue = "100",
            description = "Begin with the last LINES (${DEFAULT-VALUE})")
    private int lines;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path log = UserStack.open(Lifetime.DETACHED).part(part).log();
        if (!Files.exists(log)) {
            throw new LabException(part.wireName() + " has never been started: there is no " + log);
        }
        List<String> command = new ArrayList<>(List.of("tail", "-n", Integer.toString(lines)));
        if (follow) {
            command.add("-F");
        }
        command.add(log.toString());
        Process tail = new ProcessBuilder(command).inheritIO().start();
        // Ctrl-C reaches both; a SIGTERM only this JVM.
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(tail::destroy));
        return tail.waitFor();
    }
}
