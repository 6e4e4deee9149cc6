package io.onlyonce.bench.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpLoadTest {
    private static final Pattern ORDER_ID = Pattern.compile("\"order_id\":\"([^\"]+)\"");
    private static final Duration ROUND = Duration.ofMillis(500);

    private final AtomicInteger requests = new AtomicInteger();
    private final Set<String> ids = ConcurrentHashMap.newKeySet();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        respond("/good", number -> 200);
        respond("/every-other-fails", number -> number % 2 == 0 ? 503 : 200);
        server.start();
    }

    private interface Status {
        int of(int number);
    }

    private void respond(String path, Status status) {
        server.createContext(path, exchange -> {
            Matcher id = ORDER_ID.matcher(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            ids.add(id.find() ? id.group(1) : "none");
            int number = requests.incrementAndGet();
            byte[] body = "{\"status\":\"accepted\"}".getBytes(StandardCharsets.UTF_8);
            // Some responses have a content length, the others are chunked; every seventh closes its connection.
            if (number % 7 == 0) {
                exchange.getResponseHeaders().add("Connection", "close");
            }
            exchange.sendResponseHeaders(status.of(number), number % 3 == 0 ? body.length : 0);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private HttpLoad load(String path) {
        return new HttpLoad(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path), 4);
    }

    @Test
    void every_request_is_counted_and_has_a_distinct_id() throws IOException {
        try (HttpLoad load = load("/good")) {
            HttpLoad.Result result = load.asFastAsPossible(ROUND).requireNoFailures();
            assertThat(result.succeeded()).isPositive().isEqualTo(requests.get());
            assertThat(ids).hasSize(requests.get()).doesNotContain("none");
            assertThat(result.latencies().getTotalCount()).isEqualTo(result.succeeded());
            assertThat(result.succeededInTime()).isBetween(0L, result.succeeded());
            assertThat(result.rate()).isEqualTo(result.succeededInTime() / 0.5);
        }
    }

    @Test
    void a_response_with_another_status_than_200_is_a_failure_and_invalidates_the_rate() throws IOException {
        try (HttpLoad load = load("/every-other-fails")) {
            HttpLoad.Result result = load.asFastAsPossible(ROUND);
            assertThat(result.failures()).isNotEmpty().hasSize(requests.get() / 2);
            assertThat(result.succeeded() + result.failures().size()).isEqualTo(requests.get());
            assertThatIllegalStateException()
                    .isThrownBy(result::requireNoFailures)
                    .withMessageContaining("503");
        }
    }

    @Test
    void paced_orders_have_the_requested_rate_and_are_reported_to_the_listener() throws IOException {
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        try (HttpLoad load = load("/good")) {
            HttpLoad.Result result = load.paced(200, ROUND, acknowledged::add).requireNoFailures();
            assertThat((double) result.succeeded()).isCloseTo(100, within(1.0));
            assertThat(acknowledged).isEqualTo(ids);
        }
    }

    @Test
    void a_pause_of_the_service_delays_all_requests_that_were_due_in_it() throws IOException {
        server.createContext("/pauses", exchange -> {
            exchange.getRequestBody().readAllBytes();
            if (requests.incrementAndGet() <= 4) {
                pause(300);
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        try (HttpLoad load = load("/pauses")) {
            HttpLoad.Result result = load.paced(200, ROUND, _ -> {}).requireNoFailures();
            // All four connections pause for 300 ms. Of the 60 orders that are due then, half are delayed by 150 ms.
            assertThat(result.latencies().getCountBetweenValues(150_000_000L, Long.MAX_VALUE))
                    .isGreaterThan(20);
        }
    }

    private static void pause(long millis) {
        LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
    }
}
