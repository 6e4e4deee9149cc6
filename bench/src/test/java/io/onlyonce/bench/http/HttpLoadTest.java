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
        answering("/good", number -> 200);
        answering("/every-other-fails", number -> number % 2 == 0 ? 503 : 200);
        server.start();
    }

    private interface Status {
        int of(int number);
    }

    private void answering(String path, Status status) {
        server.createContext(path, exchange -> {
            Matcher id = ORDER_ID.matcher(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            ids.add(id.find() ? id.group(1) : "none");
            int number = requests.incrementAndGet();
            byte[] body = "{\"status\":\"accepted\"}".getBytes(StandardCharsets.UTF_8);
            // By turns with a length, and chunked; and now and then the last of its connection.
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
    void every_request_is_counted_and_has_an_id_of_its_own() {
        try (HttpLoad load = load("/good")) {
            Load result = load.asFastAsPossible(ROUND).withoutFailures();
            assertThat(result.answered()).isPositive().isEqualTo(requests.get());
            assertThat(ids).hasSize(requests.get()).doesNotContain("none");
            assertThat(result.latencies().getTotalCount()).isEqualTo(result.answered());
            assertThat(result.answeredInTime()).isBetween(0L, result.answered());
            assertThat(result.rate()).isEqualTo(result.answeredInTime() / 0.5);
        }
    }

    @Test
    void what_is_not_answered_with_200_is_a_failure_and_no_rate() {
        try (HttpLoad load = load("/every-other-fails")) {
            Load result = load.asFastAsPossible(ROUND);
            assertThat(result.failed()).isPositive().isEqualTo(requests.get() / 2);
            assertThat(result.answered() + result.failed()).isEqualTo(requests.get());
            assertThatIllegalStateException()
                    .isThrownBy(result::withoutFailures)
                    .withMessageContaining("503");
        }
    }

    @Test
    void paced_orders_come_at_the_rate_asked_for_and_are_told() {
        Set<String> told = ConcurrentHashMap.newKeySet();
        try (HttpLoad load = load("/good")) {
            Load result = load.paced(200, ROUND, told::add).withoutFailures();
            assertThat((double) result.answered()).isCloseTo(100, within(1.0));
            assertThat(told).isEqualTo(ids);
        }
    }

    @Test
    void a_stall_is_felt_by_all_that_were_due_in_it() {
        server.createContext("/stalls", exchange -> {
            exchange.getRequestBody().readAllBytes();
            if (requests.incrementAndGet() <= 4) {
                pause(300);
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        try (HttpLoad load = load("/stalls")) {
            Load result = load.paced(200, ROUND).withoutFailures();
            // All four connections stand still for 300 ms; 60 orders are due meanwhile, and half of them wait for 150
            // ms.
            assertThat(result.latencies().getCountBetweenValues(150_000_000L, Long.MAX_VALUE))
                    .isGreaterThan(20);
        }
    }

    private static void pause(long millis) {
        LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
    }
}
