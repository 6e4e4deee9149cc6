package io.onlyonce.ingest;

import io.onlyonce.ingest.delivery.Delivery;
import io.onlyonce.ingest.delivery.DeliverySettings;
import io.onlyonce.model.DeliveryMode;
import io.onlyonce.web.Guarded;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

@RestController
final class ConfigController {
    private final Delivery delivery;

    ConfigController(Delivery delivery) {
        this.delivery = delivery;
    }

    /** @param transactional whether orders are written in transactions now */
    record Config(String deliveryMode, boolean enableTransactions, boolean transactional) {
        static Config of(DeliverySettings settings) {
            return new Config(settings.mode().wireName(), settings.enableTransactions(), settings.transactional());
        }
    }

    /** What to change; null leaves it as it is. */
    @Schema(example = "{\"delivery_mode\":\"exactly-once\",\"enable_transactions\":true}")
    record Change(
            @Schema(allowableValues = {"exactly-once", "at-least-once", "at-most-once"})
            String deliveryMode,

            Boolean enableTransactions) {
        /** @throws IllegalArgumentException where there is no such mode */
        DeliverySettings appliedTo(DeliverySettings current) {
            return new DeliverySettings(
                    deliveryMode == null ? current.mode() : DeliveryMode.of(deliveryMode),
                    enableTransactions == null ? current.enableTransactions() : enableTransactions);
        }
    }

    @GetMapping("/config")
    @Operation(summary = "How orders are written now")
    Config config() {
        return Config.of(delivery.route().settings());
    }

    @PostMapping("/config")
    @Guarded
    @Operation(summary = "Changes how orders are written, from the next request on", description = """
                    Partial: what is not sent stays. Orders in flight end in the mode they began in. \
                    exactly-once: idempotent producers and transactions, or with enable_transactions=false an \
                    idempotent producer alone. at-least-once: acks=all, retries, not idempotent. at-most-once: acks=0, \
                    no retries. A restart returns to the mode that the service is configured with.""")
    Config change(@RequestBody Change change) {
        return Config.of(delivery.change(change::appliedTo));
    }
}
