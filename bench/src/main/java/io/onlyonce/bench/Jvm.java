package io.onlyonce.bench;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A peer in a JVM of its own, with the flags that our services have. It ends with this JVM, however that ends. */
public final class Jvm implements AutoCloseable {
    private final Process process;
    private final Path log;

    private Jvm(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * @param heap for -Xmx
     * @param log where its output goes
     * @param main a class of this module, whose first statement is {@link #endWithParent()}
     */
    public static Jvm start(String heap, Path log, Class<?> main, String... arguments) {
        return startAfter(List.of(), heap, log, main, arguments);
    }

    /** @param first jars that come before all others: Flink brings a RocksDB of its own and knows an older client */
    public static Jvm startAfter(List<Path> first, String heap, Path log, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // Flink has the large heap that the default collector is made for.
                first.isEmpty() ? "-XX:+UseSerialGC" : "-XX:+UseG1GC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                // Flink's serialisers look into the JDK's own classes.
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-Xmx" + heap,
                "-cp",
                classPath(first),
                main.getName()));
        command.addAll(List.of(arguments));
        try {
            Files.createDirectories(log.getParent());
            return new Jvm(
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .start(),
                    log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String classPath(List<Path> first) {
        // Ours names all others in its manifest.
        return Stream.concat(first.stream(), Stream.of(bench()))
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** A jar of this module's by the beginning of its name. */
    public static Path library(String name) {
        return jar(bench().resolveSibling("lib"), name);
    }

    /** A jar in a folder by the beginning of its name. */
    public static Path jar(Path folder, String name) {
        try (Stream<Path> jars = Files.list(folder)) {
            return jars.filter(jar -> jar.getFileName().toString().startsWith(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no " + name + " in " + folder));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path bench() {
        return Path.of(System.getProperty("java.class.path"));
    }

    /** In the started JVM: its standard input ends when whoever started it is gone. */
    public static void endWithParent() {
        Thread.ofPlatform().daemon().name("parent").start(() -> {
            try {
                while (System.in.read() >= 0) {
                    // Nobody writes.
                }
            } catch (IOException e) {
                // Gone as well.
            }
            Runtime.getRuntime().halt(1);
        });
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** @throws IllegalStateException with the end of its log where it has ended */
    public void checkAlive() {
        if (!process.isAlive()) {
            throw new IllegalStateException("a peer has ended:\n" + logTail());
        }
    }

    /** The end of what it has printed. */
    public String logTail() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
