package io.onlyonce.bench;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A JVM that runs a baseline, so that the baseline shares neither heap nor compiler with the bench. */
public final class BaselineJvm implements AutoCloseable {
    /** The heap and the collector of the shipped services. */
    public static final List<String> SERVICE_OPTIONS = List.of("-Xmx256m", "-XX:+UseSerialGC");

    private static final int LOG_TAIL_LINES = 60;

    private final Process process;
    private final Path log;

    private BaselineJvm(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * @param firstJars jars that precede those of this module on the class path
     * @param log receives standard output and standard error
     * @param main a class of this module, which first calls {@link #exitWithParent()}
     */
    public static BaselineJvm start(
            List<String> options, List<Path> firstJars, Path log, Class<?> main, String... arguments)
            throws IOException {
        // The manifest of this module's jar names the other jars.
        String classPath = Stream.concat(firstJars.stream(), Stream.of(benchJar()))
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(List.of(arguments));
        Files.createDirectories(log.getParent());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        return new BaselineJvm(builder.start(), log);
    }

    /** Finds a jar among the dependencies of this module by the beginning of its name. */
    public static Path library(String prefix) {
        return jar(benchJar().resolveSibling("lib"), prefix);
    }

    /** Finds a jar in a folder by the beginning of its name. */
    public static Path jar(Path folder, String prefix) {
        try (Stream<Path> jars = Files.list(folder)) {
            return jars.filter(jar -> jar.getFileName().toString().startsWith(prefix))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no " + prefix + " in " + folder));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path benchJar() {
        return Path.of(System.getProperty("java.class.path"));
    }

    /** Called in the started JVM: terminates it when its standard input ends, because then its parent has ended. */
    public static void exitWithParent() {
        Thread.ofPlatform().daemon().name("parent-watcher").start(() -> {
            try {
                System.in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // A read error has the same meaning as the end of the input.
            }
            Runtime.getRuntime().halt(1);
        });
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** @throws IllegalStateException with the end of the log if the JVM has ended */
    public void checkAlive() {
        if (!process.isAlive()) {
            throw new IllegalStateException("the baseline's JVM has ended:\n" + logTail());
        }
    }

    public String logTail() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
