package io.onlyonce.stream;

import io.onlyonce.web.Guarded;
import io.swagger.v3.oas.annotations.Operation;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
final class SimulationController {
    /** Long enough for the answer to leave. */
    private static final Executor AFTER_THE_ANSWER = CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS);

    private final SimulatedCrash crash;
    private final StreamSettings settings;

    SimulationController(SimulatedCrash crash, StreamSettings settings) {
        this.crash = crash;
        this.settings = settings;
    }

    record Crashing(String status, String consumerId) {}

    @PostMapping("/simulate/crash")
    @Guarded
    @Operation(summary = "Halts this process, as kill -9 would")
    Crashing crash() {
        AFTER_THE_ANSWER.execute(crash::now);
        return new Crashing("crashing", settings.instanceId());
    }
}
