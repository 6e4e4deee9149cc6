package io.onlyonce.ingest;

import io.onlyonce.web.Guarded;
import io.swagger.v3.oas.annotations.Operation;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** For a reset: nothing of before it may appear after it. */
@RestController
final class IntakeController {
    private final IntakeGate gate;

    IntakeController(IntakeGate gate) {
        this.gate = gate;
    }

    /** @param leaseS seconds until it resumes by itself; null where it is open */
    record State(String intake, Long leaseS) {}

    @PostMapping("/intake/pause")
    @Guarded
    @Operation(
            summary = "Lets no order in; answers when none is in flight and no transaction is open",
            description = """
                    Orders that come meanwhile wait, and are told 503 where it takes too long. Resumes by itself when \
                    the lease ends.""")
    State pause() throws InterruptedException {
        return new State("paused", gate.pause().toSeconds());
    }

    @PostMapping("/intake/resume")
    @Guarded
    @Operation(summary = "Lets orders in again")
    State resume() {
        gate.resume();
        return new State("open", null);
    }
}
