package io.onlyonce.query.audit;

import io.swagger.v3.oas.annotations.Operation;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
final class AuditController {
    private final Audit audit;

    AuditController(Audit audit) {
        this.audit = audit;
    }

    @GetMapping("/audit")
    @Operation(summary = "Compares the orders with the processed records and the tables, and counts the anomalies")
    AuditReport audit() {
        return audit.run();
    }
}
