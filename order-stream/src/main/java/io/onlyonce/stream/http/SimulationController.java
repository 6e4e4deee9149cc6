package io.onlyonce.stream.http;

import io.onlyonce.stream.faults.SimulatedCrash;
import io.onlyonce.stream.runtime.StreamSettings;
import io.onlyonce.web.Guarded;
import io.swagger.v3.oas.annotations.Operation;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
final class SimulationController {
    /** The delay lets the response leave first. */
    private static final Executor AFTER_RESPONSE = CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS);

    private final SimulatedCrash crash;
    private final StreamSettings settings;

    SimulationController(SimulatedCrash crash, StreamSettings settings) {
        this.crash = crash;
        this.settings = settings;
    }

    record Crashing(String status, String consumerId) {}

    @PostMapping("/simulate/crash")
    @Guarded
    @Operation(summary = "Halts this process, like kill -9")
    Crashing crash() {
        AFTER_RESPONSE.execute(crash::now);
        return new Crashing("crashing", settings.instanceId());
    }
}
