package io.onlyonce.launcher;

import io.onlyonce.platform.ProjectHome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * A program of its own, as what it measures beside this system brings libraries that the launcher has no use for. It
 * reads the arguments, {@code --help} among them, and its exit code is the command's.
 */
@Command(name = "bench", description = "Measure what exactly-once costs, beside what people would use instead.")
final class BenchCommand implements Callable<Integer> {
    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        ProjectHome home = ProjectHome.locate();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dlab.home=" + home.root(),
                "-jar",
                home.program("bench").toString()));
        command.addAll(arguments);
        Process bench = new ProcessBuilder(command).inheritIO().start();
        // Ctrl-C reaches both; a SIGTERM only this JVM. Either way the stacks have to be taken down before this one
        // ends.
        Thread hook = Thread.ofPlatform().unstarted(() -> {
            bench.destroy();
            bench.onExit().join();
        });
        Runtime.getRuntime().addShutdownHook(hook);
        int exitCode = bench.waitFor();
        Runtime.getRuntime().removeShutdownHook(hook);
        return exitCode;
    }
}
