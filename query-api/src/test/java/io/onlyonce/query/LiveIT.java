package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** In this test, Kafka and PostgreSQL are running; the producer and the consumer only if a test starts a stub. */
class LiveIT extends QueryApiIT {
    private static final JsonMapper JSON = new JsonMapper();

    @LocalServerPort
    private int port;

    @Test
    void each_component_has_its_own_state() {
        await().untilAsserted(() -> {
            JsonNode components = get("/events/history").at("/sample/components");
            assertThat(components.valueStream().map(LiveIT::summary))
                    .containsExactly(
                            "kafka ok",
                            "postgres ok",
                            "connect failed: is not running",
                            "producer failed: is not running",
                            "consumer failed: is not running",
                            "api affected: Connect is not running");
        });
        try (StubServer producer =
                new StubServer(Servers.PRODUCER_PORT, "{\"status\":\"ok\",\"delivery_mode\":\"exactly-once\"}")) {
            await().untilAsserted(() -> {
                JsonNode page = get("/events/history").json();
                assertThat(page.at("/sample/components/3/state").asString()).isEqualTo("ok");
                assertThat(page.at("/sample/settings/delivery_mode").asString()).isEqualTo("exactly-once");
                assertThat(page.at("/events").toString()).contains("producer is ok");
            });
        }
        await().untilAsserted(() -> assertThat(get("/events/history")
                        .at("/sample/components/3/running")
                        .booleanValue())
                .isFalse());
        assertThat(get("/events/history").at("/sample/settings/delivery_mode").asString())
                .as("the last known value")
                .isEqualTo("exactly-once");
    }

    private static String summary(JsonNode component) {
        String state =
                component.at("/name").asString() + " " + component.at("/state").asString();
        return component.at("/reason").isNull()
                ? state
                : state + ": " + component.at("/reason").asString();
    }

    @Test
    void waiting_orders_are_counted_without_transaction_markers() {
        for (int i = 0; i < 10; i++) {
            pipeline.ingest(Pipeline.order("live-" + i));
        }
        await().untilAsserted(() -> {
            JsonNode sample = get("/events/history").at("/sample");
            assertThat(sample.at("/flow/orders/waiting").longValue()).isEqualTo(10);
            assertThat(sample.at("/point/waiting").longValue()).isEqualTo(10);
        });
    }

    @Test
    void a_page_receives_the_history_and_then_each_sample() throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            List<JsonNode> events = events(http, 0, 3);
            assertThat(events.get(0).at("/points").size()).isPositive();
            long first = events.get(0).at("/sample/id").longValue();
            assertThat(events.get(1).at("/sample/id").longValue()).isGreaterThan(first);
            assertThat(events.get(2).at("/sample/id").longValue())
                    .isGreaterThan(events.get(1).at("/sample/id").longValue());
            assertThat(events(http, first, 1).getFirst().at("/points").size())
                    .as("only the points after the last one")
                    .isLessThan(10);
        }
    }

    @Test
    void many_pages_cause_no_more_requests_than_one() throws Exception {
        try (StubServer producer = new StubServer(Servers.PRODUCER_PORT, "{}");
                HttpClient http = HttpClient.newHttpClient()) {
            List<Thread> pages = IntStream.range(0, 100)
                    .mapToObj(i -> Thread.ofVirtual().start(() -> events(http, 0, 6)))
                    .toList();
            for (Thread page : pages) {
                page.join();
            }
            long checks = producer.requests().stream()
                    .filter(request -> request.equals("GET /health"))
                    .count();
            assertThat(checks).isBetween(2L, 12L);
        }
    }

    /** Reads events from a new stream. */
    private List<JsonNode> events(HttpClient http, long lastId, int count) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/events"))
                .header("Last-Event-ID", Long.toString(lastId))
                .build();
        List<JsonNode> events = new ArrayList<>();
        try (var body = http.send(request, BodyHandlers.ofInputStream()).body();
                var lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            while (events.size() < count) {
                String line = Objects.requireNonNull(lines.readLine(), "the stream has ended");
                if (line.startsWith("data: ")) {
                    events.add(JSON.readTree(line.substring("data: ".length())));
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return events;
    }

    @Test
    void without_a_launcher_the_response_contains_the_command() {
        Api.Response response = post("/components/consumer/start");
        assertThat(response.status()).isEqualTo(409);
        assertThat(response.at("/detail").asString()).endsWith("run: ./lab start consumer");
        assertThat(post("/components/consumer/explode").status()).isEqualTo(404);
        assertThat(post("/components/api/kill").status()).isEqualTo(404);
        assertThat(post("/components/kafka/restart").status()).isEqualTo(404);
        Api.Response log = get("/components/consumer/log");
        assertThat(log.status()).isEqualTo(409);
        assertThat(log.at("/detail").asString()).endsWith("Run: docker compose logs consumer");
    }
}
