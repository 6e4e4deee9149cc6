package io.onlyonce.stream.http;

import io.onlyonce.model.ProcessingMode;
import io.onlyonce.stream.faults.Faults;
import io.onlyonce.stream.runtime.OrderStream;
import io.onlyonce.stream.runtime.PersistedState;
import io.onlyonce.stream.runtime.ProcessEnd;
import io.onlyonce.stream.runtime.StreamSettings;
import io.onlyonce.stream.topology.Mode;
import io.onlyonce.web.Guarded;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.AdditionalPropertiesValue;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "Administration", description = "The processing mode, and simulated faults")
final class ConfigController {
    private static final Logger log = LoggerFactory.getLogger(ConfigController.class);

    /** The delay lets the response leave first. */
    private static final Executor AFTER_RESPONSE = CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS);

    private final OrderStream stream;
    private final Faults faults;
    private final Peers peers;
    private final StreamSettings settings;
    private final PersistedState persisted;

    ConfigController(
            OrderStream stream, Faults faults, Peers peers, StreamSettings settings, PersistedState persisted) {
        this.stream = stream;
        this.faults = faults;
        this.peers = peers;
        this.settings = settings;
        this.persisted = persisted;
    }

    record Config(
            String consumerId,

            @Schema(allowableValues = {"exactly-once", "at-least-once"})
            String processingMode,

            boolean enableIdempotency,
            long crashAfterMessages,
            double failureRate,
            String state) {}

    /** The fields to change. A null field stays the same. */
    @Schema(
            additionalProperties = AdditionalPropertiesValue.FALSE,
            example = "{\"processing_mode\":\"exactly-once\",\"enable_idempotency\":true}")
    record Change(
            @Nullable @Schema(allowableValues = {"exactly-once", "at-least-once"})
            String processingMode,

            @Nullable Boolean enableIdempotency,
            @Nullable @Schema(minimum = "0") Long crashAfterMessages,
            @Nullable @Schema(minimum = "0", maximum = "1") Double failureRate) {
        /**
         * If enable_idempotency is sent alone, it selects one of two pipelines: true selects exactly-once, false selects
         * at-least-once without deduplication. If processing_mode is sent as well, each field changes only its own setting.
         */
        Mode appliedTo(Mode current) {
            if (processingMode == null && enableIdempotency != null) {
                return enableIdempotency ? Mode.EXACTLY_ONCE : Mode.AT_LEAST_ONCE;
            }
            return new Mode(
                    processingMode == null ? current.processing() : ProcessingMode.of(processingMode),
                    enableIdempotency == null ? current.deduplicating() : enableIdempotency);
        }

        Faults.Plan appliedTo(Faults.Plan current) {
            return new Faults.Plan(
                    crashAfterMessages == null ? current.crashAfterMessages() : crashAfterMessages,
                    failureRate == null ? current.failureRate() : failureRate);
        }

        /** Returns the fields that apply to all instances, by their JSON names. */
        Map<String, Object> modeFields() {
            Map<String, Object> fields = new HashMap<>();
            fields.put("processing_mode", processingMode);
            fields.put("enable_idempotency", enableIdempotency);
            fields.values().removeIf(Objects::isNull);
            return fields;
        }
    }

    record Crashing(@Schema(allowableValues = "crashing") String status, String consumerId) {}

    @GetMapping("/config")
    @Operation(operationId = "getConfig", summary = "Returns the configuration of this instance")
    Config config() {
        Mode mode = stream.mode();
        Faults.Plan plan = faults.plan();
        return new Config(
                settings.instanceId(),
                mode.processing().wireName(),
                mode.deduplicating(),
                plan.crashAfterMessages(),
                plan.failureRate(),
                stream.state());
    }

    @PostMapping("/config")
    @Guarded
    @Operation(
            operationId = "changeConfig",
            summary = "Changes the configuration, and responds when the stream runs with it",
            description = """
                    Fields that are not sent stay the same. A change of processing_mode or enable_idempotency restarts \
                    the topology in place, on this and on every other instance, and loses nothing. enable_idempotency \
                    without processing_mode selects a pipeline: true selects exactly-once, false selects at-least-once \
                    without deduplication. crash_after_messages and failure_rate apply to this instance only, until its \
                    process ends.""")
    Config change(
            @RequestBody Change change,
            @Parameter(hidden = true) @RequestHeader(name = Peers.FORWARDED, defaultValue = "false")
                    boolean forwarded) {
        // Invalid values must be rejected before anything changes.
        change.appliedTo(stream.mode());
        change.appliedTo(faults.plan());
        Map<String, Object> modeFields = change.modeFields();
        peers.runOnAll(
                () -> apply(change),
                forwarded || modeFields.isEmpty() ? List.of() : peers.others(),
                "/config",
                modeFields);
        return config();
    }

    private void apply(Change change) {
        boolean restarted = stream.changeMode(change::appliedTo);
        Faults.Plan plan = change.appliedTo(faults.plan());
        if (change.crashAfterMessages() == null) {
            faults.setFailureRate(plan.failureRate());
        } else {
            faults.set(plan);
        }
        if (restarted) {
            stream.awaitRunning();
        }
    }

    @PostMapping("/simulate/crash")
    @Guarded
    @Operation(operationId = "crash", summary = "Halts this process, like kill -9")
    Crashing crash() {
        AFTER_RESPONSE.execute(() -> {
            persisted.countCrash();
            log.warn("crash: halting because of POST /simulate/crash");
            ProcessEnd.CRASH.now();
        });
        return new Crashing("crashing", settings.instanceId());
    }
}
