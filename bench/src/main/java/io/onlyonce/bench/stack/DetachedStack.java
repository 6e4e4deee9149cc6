package io.onlyonce.bench.stack;

import io.onlyonce.bench.ProcessMemory;
import io.onlyonce.bench.ProcessTime;
import io.onlyonce.platform.Ports;
import io.onlyonce.platform.ProjectHome;
import io.onlyonce.platform.process.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * The stack as a user runs it: {@code ./lab up --detach} and {@code ./lab down}, with separate ports and a separate data
 * directory. Stops with this JVM, unless this JVM is killed.
 */
final class DetachedStack implements AutoCloseable {
    private static final int POSTGRES = 5432;
    private static final int PRODUCER = 8000;
    private static final int API = 8003;
    private static final List<Integer> PORTS = List.of(9092, 9093, 8083, POSTGRES, PRODUCER, 8001, API);

    private final Path directory;
    private final int portOffset;
    private final Map<String, String> environment;
    private final Thread shutdownHook = Thread.ofPlatform().name("down").unstarted(this::downAndDelete);

    DetachedStack() throws IOException {
        this(Map.of());
    }

    /** @param environment variables of the launcher, which the components inherit */
    DetachedStack(Map<String, String> environment) throws IOException {
        this.environment = environment;
        directory = Files.createTempDirectory("onlyonce-bench-");
        portOffset = freePortOffset();
        Runtime.getRuntime().addShutdownHook(shutdownHook);
    }

    private static int freePortOffset() {
        // All ports stay below 32768, where the operating system allocates ports for outgoing connections.
        return ThreadLocalRandom.current()
                .ints(10_000, 22_000)
                .filter(offset -> PORTS.stream().allMatch(port -> Ports.isFree(port + offset)))
                .findFirst()
                .orElseThrow();
    }

    /** @return the duration of the command */
    Duration up() {
        long start = System.nanoTime();
        lab("up", "--detach");
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Stops the stack and deletes its data. */
    void down() {
        lab("down", "--volumes");
    }

    private void lab(String command, String option) {
        // Runs the script, because the start of the launcher's JVM is part of the measurement.
        String script = ProjectHome.locate().root().resolve("lab").toString();
        Path log = directory.resolve("lab.log");
        ProcessBuilder builder = new ProcessBuilder(script, command, option)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        builder.environment().put("LAB_STATE_DIR", directory.toString());
        builder.environment().put("LAB_PORT_OFFSET", Integer.toString(portOffset));
        // The clients of the benchmarks send no token.
        builder.environment().remove("ADMIN_TOKEN");
        try {
            int exitCode = builder.start().onExit().join().exitValue();
            if (exitCode != 0) {
                throw new IllegalStateException("./lab %s %s exited with %d:%n%s"
                        .formatted(command, option, exitCode, Files.readString(log, StandardCharsets.ISO_8859_1)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI producer() {
        return URI.create("http://127.0.0.1:" + (PRODUCER + portOffset));
    }

    URI api() {
        return URI.create("http://127.0.0.1:" + (API + portOffset));
    }

    Connection connectToDatabase() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/exactly_once".formatted(POSTGRES + portOffset), "lab", "lab");
    }

    /** Returns the memory of all components and their child processes. */
    double residentMebibytes() throws IOException {
        try (Stream<Path> pidFiles = pidFiles()) {
            return ProcessMemory.residentMebibytes(pidFiles.flatMap(DetachedStack::process)
                    .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                    .map(ProcessHandle::pid)
                    .distinct()
                    .toList());
        }
    }

    /** Returns the processor time that each component, with its child processes, has used. */
    Map<String, Duration> processorTimes() throws IOException {
        Map<String, Duration> times = new TreeMap<>();
        try (Stream<Path> pidFiles = pidFiles()) {
            pidFiles.forEach(file -> process(file)
                    .forEach(process ->
                            times.put(file.getParent().getFileName().toString(), ProcessTime.withChildren(process))));
        }
        return times;
    }

    private Stream<Path> pidFiles() throws IOException {
        return Files.find(
                directory, 3, (file, _) -> file.getFileName().toString().endsWith(".pid"));
    }

    /** The file begins with the pid, followed by other data. */
    private static Stream<ProcessHandle> process(Path pidFile) {
        try {
            long pid = Long.parseLong(Files.readString(pidFile).split("\\s", 2)[0]);
            return ProcessHandle.of(pid).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(shutdownHook);
        downAndDelete();
    }

    private void downAndDelete() {
        try {
            down();
        } finally {
            try {
                Directories.delete(directory);
            } catch (IOException e) {
                System.err.println(directory + " could not be deleted: " + e);
            }
        }
    }
}
