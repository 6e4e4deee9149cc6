package io.onlyonce.stream;

import io.onlyonce.model.ProcessingMode;
import io.onlyonce.web.Guarded;
import io.swagger.v3.oas.annotations.Operation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

@RestController
final class ConfigController {
    private final OrderStream stream;
    private final Faults faults;
    private final Peers peers;
    private final StreamSettings settings;

    ConfigController(OrderStream stream, Faults faults, Peers peers, StreamSettings settings) {
        this.stream = stream;
        this.faults = faults;
        this.peers = peers;
        this.settings = settings;
    }

    /** How this instance works now. */
    record Config(
            String consumerId,
            String processingMode,
            boolean enableIdempotency,
            long crashAfterMessages,
            double failureRate,
            String state) {}

    /** What to change; null leaves it as it is. */
    record Change(String processingMode, Boolean enableIdempotency, Long crashAfterMessages, Double failureRate) {
        /**
         * enable_idempotency sent alone switches between the two pipelines that the lab compares: with it exactly-once,
         * without it at-least-once. With a processing_mode beside it, each means what it says.
         */
        Mode appliedTo(Mode current) {
            if (processingMode == null && enableIdempotency != null) {
                return enableIdempotency ? Mode.EXACTLY_ONCE : Mode.AT_LEAST_ONCE;
            }
            return new Mode(
                    processingMode == null ? current.processing() : ProcessingMode.of(processingMode),
                    enableIdempotency == null ? current.deduplicating() : enableIdempotency);
        }

        /** What concerns every instance, by its name in the JSON. */
        Map<String, Object> ofMode() {
            Map<String, Object> sent = new HashMap<>();
            sent.put("processing_mode", processingMode);
            sent.put("enable_idempotency", enableIdempotency);
            sent.values().removeIf(Objects::isNull);
            return sent;
        }

        boolean setsCrash() {
            return crashAfterMessages != null;
        }

        Faults.Plan appliedTo(Faults.Plan current) {
            return new Faults.Plan(
                    crashAfterMessages == null ? current.crashAfterMessages() : crashAfterMessages,
                    failureRate == null ? current.failureRate() : failureRate);
        }
    }

    @GetMapping("/config")
    @Operation(summary = "How the stream works now")
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
    @Operation(summary = "Changes how the stream works; answers when it runs so", description = """
                    Partial: what is not sent stays. A change of processing_mode or enable_idempotency restarts the \
                    topology in place, here and in every other instance, and loses nothing. enable_idempotency without \
                    processing_mode means: true, exactly-once; false, at-least-once without deduplication. \
                    crash_after_messages and failure_rate are for this instance and end with its process.""")
    Config change(
            @RequestBody Change change, @RequestHeader(name = Peers.RELAYED, defaultValue = "false") boolean relayed) {
        // Before anybody is asked for anything: what makes no sense changes nothing.
        change.appliedTo(stream.mode());
        change.appliedTo(faults.plan());
        Map<String, Object> ofMode = change.ofMode();
        peers.together(
                () -> stream.reconfigure(change),
                relayed || ofMode.isEmpty() ? List.of() : peers.others(),
                "/config",
                ofMode);
        return config();
    }
}
