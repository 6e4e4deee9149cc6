package io.onlyonce.query.services;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.query.services.ConsoleController.Envelope;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class SharedResponseTest {
    private final AtomicInteger reads = new AtomicInteger();
    private final Supplier<Envelope> read = () -> new Envelope(200, "read " + reads.incrementAndGet());

    @Test
    void many_pages_cause_one_read() {
        SharedResponse response = new SharedResponse(Duration.ofMinutes(1));
        try (ExecutorService pages = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int page = 0; page < 100; page++) {
                pages.execute(() -> response.get(null, read));
            }
        }
        assertThat(reads).hasValue(1);
    }

    @Test
    void a_caller_does_not_receive_the_response_to_another_token() {
        SharedResponse response = new SharedResponse(Duration.ofMinutes(1));
        assertThat(response.get("Bearer right", read).body()).isEqualTo("read 1");
        assertThat(response.get(null, read).body()).isEqualTo("read 2");
    }

    @Test
    void an_old_response_is_read_again() {
        SharedResponse response = new SharedResponse(Duration.ofNanos(-1));
        response.get(null, read);
        assertThat(response.get(null, read).body()).isEqualTo("read 2");
    }
}
