package io.onlyonce.query.live;

import com.fasterxml.jackson.annotation.JsonValue;
import io.onlyonce.model.time.Deadline;
import io.onlyonce.query.Limits;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.services.ConnectClient;
import io.onlyonce.query.services.ControlLock;
import io.onlyonce.web.Guarded;
import io.onlyonce.web.Problem;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Starts, kills and freezes components, restarts failed tasks, and reads logs. */
@RestController
@Tag(name = "Live")
final class ControlController {
    private static final Duration RESTART_TIMEOUT = Duration.ofSeconds(20);
    private static final int MAX_LINES = 200;

    private final Launcher launcher;
    private final ConnectClient connect;
    private final ControlLock lock;

    ControlController(Launcher launcher, ConnectClient connect, ControlLock lock) {
        this.launcher = launcher;
        this.connect = connect;
        this.lock = lock;
    }

    enum Action {
        START,
        KILL,
        FREEZE,
        THAW,
        RESTART;

        @JsonValue
        String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param output the output of the {@code ./lab} command; for a restart, a message */
    record Outcome(ComponentName component, Action action, String output) {}

    @PostMapping("/components/{name}/{action}")
    @Guarded
    @Operation(
            operationId = "controlComponent",
            summary =
                    "Starts, kills (kill -9), freezes (SIGSTOP) or thaws a component. Responds when the action is complete, or with "
                            + "409 if ./lab up did not start the stack. connect/restart works in every stack: it restarts "
                            + "stopped and failed connectors and tasks")
    Outcome run(
            @Schema(allowableValues = {"kafka", "postgres", "connect", "producer", "consumer"}) @PathVariable
                    String name,
            @Schema(allowableValues = {"start", "kill", "freeze", "thaw", "restart"}) @PathVariable String action) {
        ComponentName component = component(name);
        Action chosen = action(action);
        if (component == ComponentName.API) {
            throw Problem.of(
                    HttpStatus.NOT_FOUND,
                    "The component must not be api, because this service cannot stop itself and respond. Use ./lab");
        }
        if (chosen == Action.RESTART) {
            return new Outcome(component, chosen, restart(component));
        }
        if (!launcher.isAvailable()) {
            throw Problem.of(
                    HttpStatus.CONFLICT,
                    "This service cannot control components, because ./lab up did not start it. To start the component, run: %s %s"
                            .formatted(launcher.startCommand(), name));
        }
        return new Outcome(component, chosen, launcher.run(chosen.wireName(), component.wireName()));
    }

    private String restart(ComponentName component) {
        if (component != ComponentName.CONNECT) {
            throw Problem.of(
                    HttpStatus.NOT_FOUND,
                    "restart is only available for connect, but the component was \"" + component.wireName() + "\"");
        }
        return lock.run(() -> {
            try {
                Deadline deadline = Deadline.in(RESTART_TIMEOUT);
                var connectors = connect.connectors(deadline);
                connect.restart(connectors, deadline);
                return "Requested a restart of the stopped and failed connectors and tasks of "
                        + String.join(", ", connectors);
            } catch (InterruptedException e) {
                throw UnavailableException.interrupted(e);
            }
        });
    }

    /** @param log the last lines, at most 64 KiB */
    record Log(ComponentName component, String log) {}

    @GetMapping("/components/{name}/log")
    @Operation(
            operationId = "getComponentLog",
            summary = "Returns the last lines of a component's log. Only for a stack of ./lab up; 409 otherwise")
    Log log(
            @Schema(allowableValues = {"kafka", "postgres", "connect", "producer", "consumer", "api"}) @PathVariable
                    String name,
            @Schema(minimum = "1", maximum = "" + MAX_LINES) @RequestParam(defaultValue = "50") int lines,
            @Parameter(hidden = true) @RequestHeader(name = "Sec-Fetch-Site", required = false) String site) {
        if ("cross-site".equals(site)) {
            // Each request starts a process.
            throw Problem.of(HttpStatus.FORBIDDEN, "Pages of other sites cannot read logs");
        }
        Limits.requireBetween("lines", lines, 1, MAX_LINES);
        ComponentName component = component(name);
        if (!launcher.isAvailable()) {
            throw Problem.of(
                    HttpStatus.CONFLICT,
                    "This service cannot read logs, because ./lab up did not start it. Run: docker compose logs "
                            + name);
        }
        return new Log(component, launcher.run("logs", "--tail", Integer.toString(lines), component.wireName()));
    }

    private static ComponentName component(String name) {
        return Arrays.stream(ComponentName.values())
                .filter(component -> component.wireName().equals(name))
                .findFirst()
                .orElseThrow(() -> Problem.of(
                        HttpStatus.NOT_FOUND,
                        "The component must be kafka, postgres, connect, producer, consumer or api, but was \"" + name
                                + "\""));
    }

    private static Action action(String name) {
        return Arrays.stream(Action.values())
                .filter(action -> action.wireName().equals(name))
                .findFirst()
                .orElseThrow(() -> Problem.of(
                        HttpStatus.NOT_FOUND,
                        "The action must be start, kill, freeze, thaw or restart, but was \"" + name + "\""));
    }
}
