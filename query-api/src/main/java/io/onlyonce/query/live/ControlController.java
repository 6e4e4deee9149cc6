package io.onlyonce.query.live;

import com.fasterxml.jackson.annotation.JsonValue;
import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.web.Guarded;
import io.onlyonce.web.Problem;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Starts, kills and freezes components with the program of the launcher, if this service was started by it. */
@RestController
@Tag(name = "Live")
final class ControlController {
    /** Longer than the launcher waits for a component. */
    private static final int TIMEOUT_SECONDS = 150;

    private static final int MAX_OUTPUT = 8_000;

    private final QueryProperties.Control control;

    ControlController(QueryProperties properties) {
        this.control = properties.control();
    }

    enum Action {
        START,
        KILL,
        FREEZE,
        THAW;

        @JsonValue
        String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param output what the launcher printed */
    record Outcome(ComponentName component, Action action, String output) {}

    @PostMapping("/components/{name}/{action}")
    @Guarded
    @Operation(
            operationId = "controlComponent",
            summary =
                    "Starts, kills (kill -9), freezes (SIGSTOP) or thaws a component, and returns when it is done. Only for a "
                            + "stack of ./lab up; 409 otherwise")
    Outcome run(
            @Schema(allowableValues = {"kafka", "postgres", "connect", "producer", "consumer"}) @PathVariable
                    String name,
            @Schema(allowableValues = {"start", "kill", "freeze", "thaw"}) @PathVariable String action) {
        ComponentName component = component(name);
        Action chosen = action(action);
        if (control.program().isBlank()) {
            throw Problem.of(
                    HttpStatus.CONFLICT,
                    "This service cannot control components. Run: %s %s".formatted(control.startCommand(), name));
        }
        return new Outcome(component, chosen, execute(chosen.wireName(), component.wireName()));
    }

    /** This service cannot start itself, and could not respond after it was killed. */
    private static ComponentName component(String name) {
        return Arrays.stream(ComponentName.values())
                .filter(component ->
                        component != ComponentName.API && component.wireName().equals(name))
                .findFirst()
                .orElseThrow(() -> Problem.of(
                        HttpStatus.NOT_FOUND,
                        "The component must be kafka, postgres, connect, producer or consumer, but was \"" + name
                                + "\""));
    }

    private static Action action(String name) {
        return Arrays.stream(Action.values())
                .filter(action -> action.wireName().equals(name))
                .findFirst()
                .orElseThrow(() -> Problem.of(
                        HttpStatus.NOT_FOUND,
                        "The action must be start, kill, freeze or thaw, but was \"" + name + "\""));
    }

    private String execute(String action, String component) {
        Process process = null;
        try {
            process = new ProcessBuilder(control.program(), action, component)
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new UnavailableException("./lab %s %s did not end in time".formatted(action, component));
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
