package io.onlyonce.bench.whole;

import io.onlyonce.bench.Memory;
import io.onlyonce.platform.Directories;
import io.onlyonce.platform.Ports;
import io.onlyonce.platform.ProjectHome;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The stack as a user runs it: {@code ./lab up --detach} and {@code ./lab down}, on ports of its own, with its data in a
 * directory of its own. Nothing of it outlives this JVM, unless that is killed.
 */
final class LabStack implements AutoCloseable {
    /** The contract's. */
    private static final int KAFKA = 9092;

    private static final int POSTGRES = 5432;
    private static final int PRODUCER = 8000;
    private static final int API = 8003;
    private static final int[] PORTS = {KAFKA, 9093, 8083, POSTGRES, PRODUCER, 8001, API};

    private final ProjectHome home = ProjectHome.locate();
    private final Path directory;
    private final int offset;
    private final Thread hook = Thread.ofPlatform().name("down").unstarted(this::end);

    LabStack() throws IOException {
        directory = Files.createTempDirectory("onlyonce-bench-");
        offset = freeOffset();
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private static int freeOffset() {
        while (true) {
            // Shifts all of them to below 32768, where outgoing connections have theirs.
            int offset = ThreadLocalRandom.current().nextInt(10_000, 22_000);
            if (IntStream.of(PORTS).allMatch(port -> Ports.isFree(port + offset))) {
                return offset;
            }
        }
    }

    /** @return how long the command took */
    Duration up() {
        long begun = System.nanoTime();
        lab("up", "--detach");
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    /** Its data is gone as well. */
    void down() {
        lab("down", "--volumes");
    }

    private void lab(String... arguments) {
        List<String> command = new ArrayList<>();
        // The script itself: how it starts its JVM is part of what is measured.
        command.add(home.root().resolve("lab").toString());
        command.addAll(List.of(arguments));
        Path log = directory.resolve("lab.log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("LAB_STATE_DIR", directory.toString());
        builder.environment().put("LAB_PORT_OFFSET", Integer.toString(offset));
        try {
            int exitCode = builder.start().waitFor();
            if (exitCode != 0) {
                throw new IllegalStateException("./lab %s ended with %d:%n%s"
                        .formatted(
                                String.join(" ", arguments),
                                exitCode,
                                Files.readString(log, StandardCharsets.ISO_8859_1)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in ./lab " + arguments[0], e);
        }
    }

    URI producer() {
        return URI.create("http://127.0.0.1:" + (PRODUCER + offset));
    }

    URI api() {
        return URI.create("http://127.0.0.1:" + (API + offset));
    }

    Connection connectToDatabase() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/exactly_once".formatted(POSTGRES + offset), "lab", "lab");
    }

    /** Of all parts, and of the processes that they have started. In MiB. */
    double residentMebibytes() throws IOException {
        return Memory.resident(pids()) / Math.pow(2, 20);
    }

    private List<Long> pids() throws IOException {
        try (Stream<Path> files = Files.find(
                directory,
                3,
                (file, attributes) -> file.getFileName().toString().endsWith(".pid"))) {
            return files.map(LabStack::pid)
                    .flatMap(pid -> ProcessHandle.of(pid).stream())
                    .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                    .map(ProcessHandle::pid)
                    .distinct()
                    .toList();
        }
    }

    /** The file begins with it. */
    private static long pid(Path file) {
        try {
            return Long.parseLong(Files.readString(file).split("\\s", 2)[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(hook);
        end();
    }

    private void end() {
        try {
            down();
        } finally {
            try {
                Directories.delete(directory);
            } catch (IOException e) {
                System.err.println(directory + " is left behind: " + e);
            }
        }
    }
}
