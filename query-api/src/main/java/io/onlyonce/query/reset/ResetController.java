package io.onlyonce.query.reset;

import io.onlyonce.web.Guarded;
import io.swagger.v3.oas.annotations.Operation;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

@RestController
final class ResetController {
    private final Reset reset;

    ResetController(Reset reset) {
        this.reset = reset;
    }

    @PostMapping("/reset")
    @Guarded
    @Operation(summary = "Empties the topics, the tables and the dedup store. Responds when the reset is complete")
    Reset.Report reset(@RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) String authorization) {
        return reset.run(authorization);
    }
}
