package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SharedRunsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final AtomicInteger started = new AtomicInteger();
    private final AtomicInteger cancelled = new AtomicInteger();
    private final CountDownLatch end = new CountDownLatch(1);
    private final SharedRuns<Integer> runs = new SharedRuns<>("test", this::run);

    /** Waits for the latch or for its cancellation. */
    private int run(BooleanSupplier isCancelled) {
        int number = started.incrementAndGet();
        await().pollInterval(Duration.ofMillis(5)).until(() -> end.getCount() == 0 || isCancelled.getAsBoolean());
        if (isCancelled.getAsBoolean()) {
            cancelled.incrementAndGet();
        }
        return number;
    }

    private CompletableFuture<Integer> request(BooleanSupplier gone) {
        return CompletableFuture.supplyAsync(() -> runs.get(LONG, gone), Thread::startVirtualThread);
    }

    private CompletableFuture<Integer> request() {
        return request(() -> false);
    }

    @Test
    void requests_that_arrive_during_a_run_share_one_run_that_starts_after_it() {
        var first = request();
        await().until(() -> started.get() == 1);
        List<CompletableFuture<Integer>> waiting =
                IntStream.range(0, 20).mapToObj(i -> request()).toList();
        await().during(Duration.ofMillis(100)).until(() -> started.get() == 1);
        end.countDown();
        assertThat(first.join()).isEqualTo(1);
        assertThat(waiting).allSatisfy(request -> assertThat(request.join()).isEqualTo(2));
    }

    @Test
    void a_run_is_cancelled_when_its_last_client_has_disconnected() {
        AtomicBoolean gone = new AtomicBoolean();
        var first = request(gone::get);
        await().until(() -> started.get() == 1);
        var waiting = request();
        gone.set(true);
        assertThatThrownBy(first::join).hasCauseInstanceOf(UnavailableException.class);
        await().until(() -> started.get() == 2);
        assertThat(cancelled).hasValue(1);
        end.countDown();
        assertThat(waiting.join()).isEqualTo(2);
        assertThat(cancelled).as("runs with a client").hasValue(1);
    }

    @Test
    void a_request_fails_after_its_timeout() {
        assertThatThrownBy(() -> runs.get(Duration.ofMillis(50))).isInstanceOf(UnavailableException.class);
        await().until(() -> cancelled.get() == 1);
    }

    @Test
    void an_error_of_the_task_fails_the_requests_but_not_the_next_run() {
        AtomicInteger attempts = new AtomicInteger();
        SharedRuns<String> failing = new SharedRuns<>("test", isCancelled -> {
            if (attempts.incrementAndGet() == 1) {
                throw new OutOfMemoryError("test");
            }
            return "result";
        });
        assertThatThrownBy(() -> failing.get(LONG)).hasRootCauseMessage("test");
        assertThat(failing.get(LONG)).isEqualTo("result");
    }
}
