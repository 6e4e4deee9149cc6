package io.onlyonce.query.live;

import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.web.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Runs `./lab`, if it started this service. */
@Component
final class Launcher {
    /** Longer than the launcher waits for a component. */
    private static final int TIMEOUT_SECONDS = 150;

    private static final int MAX_OUTPUT = 64 * 1024;

    private final QueryProperties.Control control;

    Launcher(QueryProperties properties) {
        this.control = properties.control();
    }

    boolean isAvailable() {
        return !control.program().isBlank();
    }

    /**
     * Returns what the command printed.
     *
     * @throws org.springframework.web.ErrorResponseException with status 409 if the command failed
     */
    String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(control.program()));
        command.addAll(List.of(arguments));
        Process process = null;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new UnavailableException("./lab %s did not end in time".formatted(String.join(" ", arguments)));
            }
            if (process.exitValue() != 0) {
                throw Problem.of(HttpStatus.CONFLICT, output);
            }
            return output;
        } catch (IOException e) {
            throw new UnavailableException("./lab cannot be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw UnavailableException.interrupted(e);
        } finally {
            if (process != null) {
                process.destroy();
            }
        }
    }
}
