package io.onlyonce.ingest;

import io.onlyonce.ingest.delivery.Delivery;
import io.onlyonce.ingest.delivery.DeliverySettings;
import io.onlyonce.model.DeliveryMode;
import io.onlyonce.web.Guarded;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Reads and changes the delivery settings, and pauses the intake for a reset. */
@RestController
@Tag(name = "Administration", description = "The delivery settings, and pauses for a reset")
final class AdminController {
    private final Delivery delivery;
    private final IntakeGate gate;
    private final ReplayCache replays;

    AdminController(Delivery delivery, IntakeGate gate, ReplayCache replays) {
        this.delivery = delivery;
        this.gate = gate;
        this.replays = replays;
    }

    /** @param transactional whether orders are currently written in transactions */
    record Config(
            @Schema(allowableValues = {"exactly-once", "at-least-once", "at-most-once"})
            String deliveryMode,

            boolean enableTransactions,
            boolean transactional) {
        static Config of(DeliverySettings settings) {
            return new Config(settings.mode().wireName(), settings.enableTransactions(), settings.transactional());
        }
    }

    /** A partial update. Null keeps the current value. */
    @Schema(
            additionalProperties = AdditionalPropertiesValue.FALSE,
            example = "{\"delivery_mode\":\"exactly-once\",\"enable_transactions\":true}")
    record Change(
            @Nullable @Schema(allowableValues = {"exactly-once", "at-least-once", "at-most-once"})
            String deliveryMode,

            @Nullable Boolean enableTransactions) {
        DeliverySettings appliedTo(DeliverySettings current) {
            return new DeliverySettings(
                    deliveryMode == null ? current.mode() : DeliveryMode.of(deliveryMode),
                    enableTransactions == null ? current.enableTransactions() : enableTransactions);
        }
    }

    @GetMapping("/config")
    @Operation(operationId = "getConfig", summary = "Returns the delivery settings")
    Config config() {
        return Config.of(delivery.settings());
    }

    @PostMapping("/config")
    @Guarded
    @Operation(
            operationId = "changeConfig",
            summary = "Changes the delivery settings for the next request",
            description = """
                    Omitted fields keep their values. Orders in flight keep their mode. \
                    exactly-once: idempotent producer and transactions; with enable_transactions=false, only an \
                    idempotent producer. at-least-once: acks=all, retries, not idempotent. at-most-once: acks=0, no \
                    retries. A restart restores the configured settings.""")
    Config change(@RequestBody Change change) {
        return Config.of(delivery.change(change::appliedTo));
    }

    /** @param leaseS seconds until the intake resumes automatically; null if it is open */
    record Intake(
            @Schema(allowableValues = {"paused", "open"}) String intake,
            @Nullable Long leaseS) {}

    @PostMapping("/intake/pause")
    @Guarded
    @Operation(
            operationId = "pauseIntake",
            summary = "Pauses the intake; returns when no order is in flight and no transaction is open",
            description = """
                    New orders wait. They fail with 503 if the pause exceeds their time limit. The intake resumes \
                    automatically when the lease expires. A further call renews the lease. A pause also forgets every \
                    Idempotency-Key, because a reset deletes the orders of these keys.""")
    Intake pause() throws InterruptedException {
        Duration lease = gate.pause();
        replays.clear();
        return new Intake("paused", lease.toSeconds());
    }

    @PostMapping("/intake/resume")
    @Guarded
    @Operation(operationId = "resumeIntake", summary = "Resumes the intake, with new producers")
    Intake resume() {
        if (gate.isPaused()) {
            // A reset can have changed the number of partitions, which determines the partition of an order_id.
            delivery.renewProducers();
        }
        gate.resume();
        return new Intake("open", null);
    }
}
