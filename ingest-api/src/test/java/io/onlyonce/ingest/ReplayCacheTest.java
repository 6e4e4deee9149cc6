package io.onlyonce.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderItem;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpStatus;
import org.springframework.util.unit.DataSize;
import org.springframework.web.ErrorResponseException;

class ReplayCacheTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ReplayCache cache = new ReplayCache(
            new IngestProperties(1, Duration.ofMinutes(1), Duration.ofMinutes(1), 10, DataSize.ofKilobytes(100)),
            meters);

    @Test
    void a_repetition_with_the_same_content_receives_the_first_response() {
        put("key", content("id", "1.00"), "first");
        assertThat(cache.find("key", content("id", "1"), String.class)).contains("first");
        assertThat(cache.find("other key", content("id", "1"), String.class)).isEmpty();
        assertThat(count("replayed")).isEqualTo(1);
    }

    @Test
    void a_repetition_with_other_content_is_a_conflict() {
        put("key", content("id", "1.00"), "first");
        for (ReplayCache.Content other : List.of(content("id", "2.00"), content("other id", "1.00"))) {
            assertThatThrownBy(() -> cache.find("key", other, String.class))
                    .isInstanceOfSatisfying(
                            ErrorResponseException.class,
                            problem -> assertThat(problem.getStatusCode()).isEqualTo(HttpStatus.UNPROCESSABLE_CONTENT));
        }
        assertThat(count("conflict")).isEqualTo(2);
    }

    @Test
    void the_least_recently_used_keys_are_evicted() {
        for (int i = 0; i < 10_000; i++) {
            put("key-" + i, content("id-" + i, "1"), "response " + i);
            cache.find("key-0", content("id-0", "1"), String.class);
        }
        assertThat(cache.find("key-0", content("id-0", "1"), String.class)).isPresent();
        assertThat(cache.find("key-9999", content("id-9999", "1"), String.class))
                .isPresent();
        assertThat(cache.find("key-1", content("id-1", "1"), String.class)).isEmpty();
        assertThat(meters.get("ingest.replay.cache.bytes").gauge().value()).isBetween(90_000.0, 102_400.0);
    }

    @Test
    void a_cleared_cache_does_not_keep_the_response_to_an_earlier_request() {
        put("known", content("id", "1"), "response");
        long generation = cache.generation();
        cache.clear();
        cache.put(generation, "in flight", content("id", "1"), "response");
        assertThat(cache.find("known", content("id", "1"), String.class)).isEmpty();
        assertThat(cache.find("in flight", content("id", "1"), String.class)).isEmpty();
        assertThat(meters.get("ingest.replay.cache.bytes").gauge().value()).isZero();
    }

    private void put(String key, ReplayCache.Content content, String response) {
        cache.put(cache.generation(), key, content, response);
    }

    private static ReplayCache.Content content(String orderId, String total) {
        OrderItem item = new OrderItem("x", 1, BigDecimal.ONE);
        return ReplayCache.Content.of(
                List.of(new Order(orderId, "c", List.of(item), new BigDecimal(total), Instant.now())));
    }

    private double count(String result) {
        return meters.get("ingest.idempotency.keys")
                .tag("result", result)
                .counter()
                .count();
    }
}
