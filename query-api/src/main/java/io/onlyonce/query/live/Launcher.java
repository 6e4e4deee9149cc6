package io.onlyonce.query.live;

import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.web.Problem;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Runs `./lab` commands. Available only if `./lab` started this service. */
@Component
final class Launcher {
    /** Longer than the timeout of the launcher for a component. */
    private static final int TIMEOUT_SECONDS = 150;

    private static final int MAX_OUTPUT = 64 * 1024;

    private final QueryProperties.Control control;
    /** Limits the number of concurrent commands, because each command starts a JVM. */
    private final Semaphore permits = new Semaphore(3);

    Launcher(QueryProperties properties) {
        this.control = properties.control();
    }

    /** Returns the command that starts a component, without the name of the component. */
    String startCommand() {
        return control.startCommand();
    }

    boolean isAvailable() {
        return !control.program().isBlank();
    }

    /**
     * Returns the output of the command, at most its last 64 KiB.
     *
     * @throws org.springframework.web.ErrorResponseException with status 409 if the command failed
     * @throws UnavailableException if three other commands are running, or if the command cannot be started or does not end
     *     within 150 s
     */
    String run(String... arguments) {
        if (!permits.tryAcquire()) {
            throw new UnavailableException("Other ./lab commands are running").retryAfter(1);
        }
        try {
            Path output = Files.createTempFile("lab", ".out");
            try {
                return run(List.of(arguments), output);
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UnavailableException("./lab cannot be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw UnavailableException.interrupted(e);
        } finally {
            permits.release();
        }
    }

    private String run(List<String> arguments, Path output) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(control.program()));
        command.addAll(arguments);
        // Writes to a file, because a read from a pipe would block without a time limit.
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new UnavailableException(
                        "./lab %s did not finish within %d s".formatted(String.join(" ", arguments), TIMEOUT_SECONDS));
            }
            String text = end(output);
            if (process.exitValue() != 0) {
                throw Problem.of(HttpStatus.CONFLICT, text);
            }
            return text;
        } finally {
            process.destroy();
        }
    }

    private static String end(Path file) throws IOException {
        try (var channel = Files.newByteChannel(file)) {
            channel.position(Math.max(0, channel.size() - MAX_OUTPUT));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }
}
