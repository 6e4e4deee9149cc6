package io.onlyonce.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.onlyonce.model.time.Deadline;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;
import org.springframework.web.ErrorResponseException;

class IntakeGateTest {
    private final IntakeGate gate = new IntakeGate(
            new IngestProperties(1, Duration.ofMinutes(1), Duration.ofMinutes(1), 10, DataSize.ofMegabytes(1)));

    @Test
    void a_pause_takes_effect_although_another_client_resumed_the_intake_while_it_waited() throws Exception {
        gate.enter(Deadline.in(Duration.ofSeconds(1)));
        CompletableFuture<Duration> pause = new CompletableFuture<>();
        Thread pausing = Thread.ofPlatform().start(() -> {
            try {
                pause.complete(gate.pause());
            } catch (InterruptedException e) {
                pause.completeExceptionally(e);
            }
        });
        await().until(() -> pausing.getState() == Thread.State.TIMED_WAITING);
        gate.resume();
        gate.leave();
        assertThat(pause.get()).isEqualTo(Duration.ofMinutes(1));
        assertThatThrownBy(() -> gate.enter(Deadline.in(Duration.ofMillis(100))))
                .isInstanceOf(ErrorResponseException.class);
    }
}
