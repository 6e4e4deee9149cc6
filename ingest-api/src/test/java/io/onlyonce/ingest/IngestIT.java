package io.onlyonce.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.Topics;
import io.onlyonce.model.setup.TopicSetup;
import io.onlyonce.platform.Platform;
import io.onlyonce.platform.Ports;
import io.onlyonce.platform.ServiceProcess;
import io.onlyonce.platform.TerminationStyle;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The HTTP API with a real broker. The tests compare the answers with the committed records of the topic. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "onlyonce.delivery.answer-within=6s")
class IngestIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int NO_RESPONSE = 0;
    private static final Platform PLATFORM = start();

    @LocalServerPort
    private int port;

    @Autowired
    private MeterRegistry meters;

    private final HttpClient http = HttpClient.newHttpClient();

    private static Platform start() {
        Platform platform = Platform.builder().start();
        Runtime.getRuntime().addShutdownHook(new Thread(platform::close));
        return platform;
    }

    @DynamicPropertySource
    static void kafka(DynamicPropertyRegistry registry) {
        registry.add("onlyonce.delivery.kafka-bootstrap-servers", PLATFORM::bootstrapServers);
    }

    @AfterEach
    void restore_default_settings() throws Exception {
        post("/config", "{\"delivery_mode\":\"exactly-once\",\"enable_transactions\":true}");
    }

    @Test
    void an_order_is_committed_before_it_is_acknowledged() throws Exception {
        HttpResponse<String> answer = awaitAccepted(order("one", "99999999.99"));
        assertThat(answer.body())
                .contains("\"status\":\"accepted\"", "\"order_id\":\"one\"", "\"delivery_mode\":\"exactly-once\"")
                .containsPattern("\"latency_ms\":[0-9.]+[,}]")
                .containsPattern("\"trace_id\":\"[0-9a-f]{32}\"");
        List<ConsumerRecord<String, byte[]>> found = committed("one");
        assertThat(found).hasSize(1);
        assertThat(OrderJson.readOrder(found.getFirst().value()).totalAmount())
                .isEqualTo(new BigDecimal("99999999.99"));
        assertThat(new String(
                        found.getFirst().headers().lastHeader("traceparent").value()))
                .contains(answer.body().replaceAll(".*\"trace_id\":\"([0-9a-f]+)\".*", "$1"));
    }

    @Test
    void concurrent_orders_share_transactions() throws Exception {
        awaitAccepted(order("warm", "1"));
        double before = transactions();
        // On a busy machine, requests can be rejected and repeated.
        String prefix = "shared-" + UUID.randomUUID() + "-";
        inParallel(200, i -> {
            awaitAccepted(order(prefix + i, "1"));
            return i;
        });
        assertThat(committed(prefix)).hasSize(200);
        assertThat(transactions() - before).isBetween(1.0, 150.0);
    }

    @Test
    void a_batch_is_one_transaction() throws Exception {
        awaitAccepted(order("warm", "1"));
        double before = transactions();
        HttpResponse<String> answer = post(
                "/orders/batch",
                "{\"orders\":[%s,%s,%s]}".formatted(order("b-1", "1"), order("b-2", "2"), order("b-3", "3")));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"status\":\"committed\"", "[\"b-1\",\"b-2\",\"b-3\"]", "\"count\":3");
        assertThat(transactions() - before).isEqualTo(1.0);
        assertThat(committed("b-")).hasSize(3);
    }

    @Test
    void a_batch_with_one_bad_order_writes_none() throws Exception {
        HttpResponse<String> answer =
                post("/orders/batch", "{\"orders\":[%s,%s]}".formatted(order("half-1", "1"), order("half-2", "0.001")));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("orders[1]");
        assertThat(committed("half-")).isEmpty();
    }

    @Test
    void a_batch_is_rejected_without_transactions() throws Exception {
        post("/config", "{\"delivery_mode\":\"at-least-once\"}");
        assertThat(post("/orders/batch", "{\"orders\":[" + order("x", "1") + "]}")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void the_same_idempotency_key_results_in_the_same_order_id() throws Exception {
        String body =
                "{\"customer_id\":\"c\",\"items\":[{\"name\":\"x\",\"quantity\":1,\"price\":1}],\"total_amount\":1}";
        awaitAccepted(order("warm", "1"));
        String first = idOf(post("/orders", body, "Idempotency-Key", "key-1"));
        assertThat(idOf(post("/orders", body, "Idempotency-Key", "key-2"))).isNotEqualTo(first);
        assertThat(idOf(post("/orders", body))).isNotEqualTo(idOf(post("/orders", body)));
        forgetKeys();
        assertThat(idOf(post("/orders", body, "Idempotency-Key", "key-1"))).isEqualTo(first);
        assertThat(committed(first)).hasSize(2);
    }

    @Test
    void a_repeated_key_with_the_same_content_replays_the_response_and_writes_nothing() throws Exception {
        awaitAccepted(order("warm", "1"));
        HttpResponse<String> first = post("/orders", order("replayed", "1"), "Idempotency-Key", "replay");
        HttpResponse<String> second = post("/orders", order("replayed", "1.00"), "Idempotency-Key", "replay");
        assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
        assertThat(second.headers().firstValue("Idempotent-Replayed")).contains("true");
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(committed("replayed")).hasSize(1);
        // Without the header, and for a simulated duplicate, each request writes a record.
        post("/orders", order("replayed", "1"));
        post("/simulate/duplicate", order("replayed", "1"), "Idempotency-Key", "replay");
        assertThat(committed("replayed")).hasSize(5);
    }

    @Test
    void a_repeated_key_with_other_content_is_rejected() throws Exception {
        awaitAccepted(order("warm", "1"));
        idOf(post("/orders", order("conflicting", "1"), "Idempotency-Key", "conflict"));
        HttpResponse<String> answer = post("/orders", order("conflicting", "2"), "Idempotency-Key", "conflict");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
        assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
        assertThat(post("/orders/batch", batch("conflicting"), "Idempotency-Key", "conflict")
                        .statusCode())
                .isEqualTo(422);
        assertThat(committed("conflicting")).hasSize(1);
    }

    @Test
    void the_keys_of_a_batch_are_bound_to_content_and_not_to_position() throws Exception {
        awaitAccepted(order("warm", "1"));
        List<String> first = idsOf(post("/orders/batch", batch("a", "b", "a"), "Idempotency-Key", "batch"));
        assertThat(first).doesNotHaveDuplicates();
        HttpResponse<String> repeated = post("/orders/batch", batch("a", "b", "a"), "Idempotency-Key", "batch");
        assertThat(repeated.headers().firstValue("Idempotent-Replayed")).contains("true");
        assertThat(idsOf(repeated)).isEqualTo(first);
        assertThat(post("/orders/batch", batch("new", "a", "b", "a"), "Idempotency-Key", "batch")
                        .statusCode())
                .isEqualTo(422);
        forgetKeys();
        List<String> longer = idsOf(post("/orders/batch", batch("new", "a", "b", "a"), "Idempotency-Key", "batch"));
        assertThat(longer.subList(1, 4)).isEqualTo(first);
        assertThat(first).doesNotContain(longer.getFirst());
        assertThat(committed(longer.getFirst())).hasSize(1);
    }

    /** A reset pauses the intake. It deletes the order of the key, so that a replayed response would be wrong. */
    @Test
    void after_a_pause_of_the_intake_a_repeated_key_is_written_again() throws Exception {
        awaitAccepted(order("warm", "1"));
        idOf(post("/orders", order("forgotten", "1"), "Idempotency-Key", "forgotten"));
        forgetKeys();
        HttpResponse<String> answer = post("/orders", order("forgotten", "1"), "Idempotency-Key", "forgotten");
        assertThat(answer.headers().firstValue("Idempotent-Replayed")).isEmpty();
        assertThat(committed("forgotten")).hasSize(2);
    }

    @Test
    void simulated_duplicates_are_separate_records() throws Exception {
        awaitAccepted(order("warm", "1"));
        HttpResponse<String> answer = post("/simulate/duplicate", order("dup", "25.00"));
        assertThat(answer.body()).contains("\"status\":\"duplicates_sent\"", "\"attempt\":3");
        assertThat(committed("dup")).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{                                                                             | not JSON",
                "[]                                                                            | ",
                "{\"items\":[{\"name\":\"x\",\"quantity\":1,\"price\":1}],\"total_amount\":1}   | customer_id",
                "{\"customer_id\":\"c\",\"items\":[],\"total_amount\":1}                       | items",
                "{\"customer_id\":\"c\",\"items\":[{\"name\":\"x\",\"quantity\":0,\"price\":1}],\"total_amount\":1} | items[0].quantity",
                "{\"customer_id\":\"c\",\"items\":[{\"name\":\"x\",\"quantity\":1,\"price\":-1}],\"total_amount\":1} | items[0].price",
                "{\"customer_id\":\"c\",\"items\":[{\"name\":\"x\",\"quantity\":1,\"price\":1}],\"total_amount\":\"1\"} | total_amount",
                "{\"customer_id\":\"c\",\"items\":[{\"name\":\"x\",\"quantity\":1,\"price\":1}],\"total_amount\":0.001} | total_amount",
                "{\"customer_id\":\"c\",\"items\":[{\"name\":\"x\",\"quantity\":1,\"price\":1}],\"total_amuont\":1} | total_amuont",
            })
    void an_invalid_order_is_rejected_with_a_problem(String body, String named) throws Exception {
        HttpResponse<String> answer = post("/orders", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
        if (named != null) {
            assertThat(answer.body()).contains(named);
        }
    }

    @Test
    void a_body_that_is_too_large_is_rejected() throws Exception {
        assertThat(post("/orders", "{\"customer_id\":\"" + "x".repeat(3_000_000) + "\"}")
                        .statusCode())
                .isEqualTo(413);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"delivery_mode\":\"twice\"}", "{\"delivery\":\"exactly-once\"}", "{\"enable_transactions\":7}"
            })
    void an_invalid_setting_is_rejected_and_changes_nothing(String body) throws Exception {
        String before = get("/config");
        assertThat(post("/config", body).statusCode()).isEqualTo(400);
        assertThat(get("/config")).isEqualTo(before);
    }

    @Test
    void at_most_once_returns_no_offset() throws Exception {
        post("/config", "{\"delivery_mode\":\"at-most-once\"}");
        HttpResponse<String> answer = post("/orders", order("fire-and-forget", "1"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"delivery_mode\":\"at-most-once\"", "\"offset\":null");
    }

    @Test
    void a_mode_change_under_load_loses_no_acknowledged_order() throws Exception {
        awaitAccepted(order("warm", "1"));
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Set<String>> acknowledged = threads.submit(() -> load("switch-", done));
            for (String mode : List.of("at-least-once", "exactly-once", "at-least-once", "exactly-once")) {
                assertThat(post("/config", "{\"delivery_mode\":\"" + mode + "\"}")
                                .statusCode())
                        .isEqualTo(200);
                long seen = committed("switch-").size();
                await().atMost(TIMEOUT).until(() -> committed("switch-").size() > seen + 20);
            }
            done.set(true);
            Set<String> promised = acknowledged.get();
            assertThat(keys(committed("switch-"))).containsAll(promised);
        }
    }

    @Test
    void requests_wait_while_the_intake_is_paused() throws Exception {
        awaitAccepted(order("warm", "1"));
        assertThat(post("/intake/pause", "").statusCode()).isEqualTo(200);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<HttpResponse<String>> waiting = threads.submit(() -> post("/orders", order("later", "1")));
            await().during(Duration.ofMillis(300))
                    .until(() -> !waiting.isDone() && committed("later").isEmpty());
            assertThat(post("/intake/resume", "").statusCode()).isEqualTo(200);
            assertThat(waiting.get().statusCode()).isEqualTo(200);
        }
        assertThat(committed("later")).hasSize(1);
    }

    @Test
    void acknowledged_orders_survive_a_killed_broker_and_the_ingest_recovers_automatically() throws Exception {
        awaitAccepted(order("warm", "1"));
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Set<String>> acknowledged = threads.submit(() -> load("killed-", done));
            await().atMost(TIMEOUT).until(() -> committed("killed-").size() > 50);
            PLATFORM.kafka().stop(TerminationStyle.ABRUPT);
            PLATFORM.kafka().start();
            awaitAccepted(order("after-the-kill", "1"));
            done.set(true);
            Set<String> promised = acknowledged.get();
            assertThat(keys(committed("killed-"))).containsAll(promised);
        }
    }

    @Test
    void while_the_broker_is_frozen_orders_get_a_problem_in_time_and_afterwards_succeed() throws Exception {
        awaitAccepted(order("warm", "1"));
        PLATFORM.kafka().freeze();
        try {
            long begun = System.nanoTime();
            HttpResponse<String> answer = post("/orders", order("frozen", "1"));
            assertThat(answer.statusCode()).as(answer.body()).isIn(503, 504);
            assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
        } finally {
            PLATFORM.kafka().thaw();
        }
        awaitAccepted(order("thawed", "1"));
        // The order was not acknowledged: it may exist, but only once, because the service does not duplicate it.
        assertThat(committed("frozen").size()).isLessThanOrEqualTo(1);
    }

    /** On the commit before, each of the three attacks ended a thread of Tomcat, and the process never responded again. */
    @Test
    @Tag("soak")
    void a_process_with_a_small_heap_survives_an_overload() throws Exception {
        int overloaded = Ports.free(1).getFirst();
        Map<String, String> environment =
                Map.of("KAFKA_BOOTSTRAP_SERVERS", PLATFORM.bootstrapServers(), "INSTANCE_ID", "overloaded-ingest");
        try (ServiceProcess process =
                new ServiceProcess(PLATFORM.context(), ServiceProcess.Program.PRODUCER, overloaded, environment)) {
            process.start();
            Overload overload = new Overload(process.url());
            overload.sendIncompleteBodies(150, 1_999_000, Duration.ofSeconds(4));
            overload.sendSlowBodies(2_000, Duration.ofSeconds(4));
            List<Integer> statuses = inParallel(120, i -> batchStatus(overloaded));
            assertThat(statuses).contains(200).isSubsetOf(200, 503, NO_RESPONSE);

            HttpResponse<String> answer = await().atMost(TIMEOUT)
                    .ignoreExceptions()
                    .until(
                            () -> post(overloaded, "/orders", order("after-the-overload", "1")),
                            r -> r.statusCode() == 200);
            assertThat(answer.body()).contains("\"status\":\"accepted\"");
            assertThat(process.log()).content().doesNotContain("OutOfMemoryError");
        }
        assertThat(committed("after-the-overload")).hasSize(1);
    }

    /** A valid batch of 1.8 MB. */
    private int batchStatus(int servicePort) throws InterruptedException {
        String name = "x".repeat(200);
        String item = "{\"name\":\"%s\",\"quantity\":1,\"price\":1}".formatted(name);
        String order = "{\"customer_id\":\"c\",\"items\":[%s],\"total_amount\":1}"
                .formatted(String.join(",", Collections.nCopies(15, item)));
        String batch = "{\"orders\":[%s]}".formatted(String.join(",", Collections.nCopies(500, order)));
        try {
            return post(servicePort, "/orders/batch", batch).statusCode();
        } catch (IOException e) {
            return NO_RESPONSE;
        }
    }

    @Test
    @Tag("soak")
    void while_the_broker_is_down_orders_are_rejected_immediately_and_afterwards_succeed() throws Exception {
        awaitAccepted(order("warm", "1"));
        PLATFORM.kafka().stop(TerminationStyle.ABRUPT);
        try {
            await().atMost(TIMEOUT).until(() -> health().statusCode() == 503);
            await().atMost(TIMEOUT).until(() -> isRejectedImmediately("down"));
        } finally {
            PLATFORM.kafka().start();
        }
        assertAcceptsAgain();
    }

    @Test
    void while_the_topic_is_missing_health_reports_it_and_orders_are_rejected_immediately() throws Exception {
        awaitAccepted(order("warm", "1"));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", PLATFORM.bootstrapServers()))) {
            admin.deleteTopics(List.of(Topics.ORDERS)).all().get();
            await().atMost(TIMEOUT).until(() -> isRejectedImmediately("missing"));
            HttpResponse<String> health = health();
            assertThat(health.statusCode()).isEqualTo(503);
            assertThat(health.body()).contains("[orders]");
            TopicSetup.create(admin, Topics.DEFAULT_PARTITIONS, 1);
        }
        assertAcceptsAgain();
    }

    private boolean isRejectedImmediately(String orderId) throws Exception {
        long start = System.nanoTime();
        HttpResponse<String> answer = post("/orders", order(orderId, "1"));
        return answer.statusCode() == 503
                && answer.headers().firstValue("Retry-After").isPresent()
                && System.nanoTime() - start < Duration.ofMillis(500).toNanos();
    }

    /** The first order after health is ok. The interval is short, so that the order arrives immediately. */
    private void assertAcceptsAgain() throws Exception {
        await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(20)).until(() -> health().statusCode() == 200);
        HttpResponse<String> answer = post("/orders", order("again", "1"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private HttpResponse<String> health() throws Exception {
        return http.send(HttpRequest.newBuilder(uri("/health")).build(), BodyHandlers.ofString());
    }

    @Test
    void the_root_redirects_to_the_documentation_of_the_api() throws Exception {
        HttpResponse<String> root = http.send(HttpRequest.newBuilder(uri("/")).build(), BodyHandlers.ofString());
        assertThat(root.statusCode()).isEqualTo(302);
        assertThat(root.headers().firstValue("location").orElseThrow()).endsWith("/docs");
        assertThat(get("/v3/api-docs"))
                .contains("/orders/batch", "demo-customer-001")
                .doesNotContain("deadline");
    }

    private interface Numbered<T> {
        T call(int i) throws Exception;
    }

    private static <T> List<T> inParallel(int count, Numbered<T> task) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<T>> calls = IntStream.range(0, count)
                    .<Callable<T>>mapToObj(i -> () -> task.call(i))
                    .toList();
            List<T> results = new ArrayList<>();
            for (Future<T> result : threads.invokeAll(calls)) {
                results.add(result.get());
            }
            return results;
        }
    }

    /** Sends orders sequentially until done is true. @return the ids of the acknowledged orders */
    private Set<String> load(String prefix, AtomicBoolean done) throws Exception {
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        for (int i = 0; !done.get(); i++) {
            if (post("/orders", order(prefix + i, "1")).statusCode() == 200) {
                acknowledged.add(prefix + i);
            }
        }
        return acknowledged;
    }

    private double transactions() {
        return meters.get("transactions").tag("status", "committed").counter().count();
    }

    private HttpResponse<String> awaitAccepted(String body) {
        return await().atMost(TIMEOUT)
                .ignoreExceptions()
                .until(() -> post("/orders", body), answer -> answer.statusCode() == 200);
    }

    private static String order(String id, String total) {
        return "{\"order_id\":\"%s\",\"customer_id\":\"c\",\"items\":[{\"name\":\"x\",\"quantity\":1,\"price\":1}],\"total_amount\":%s}"
                .formatted(id, total);
    }

    private static String idOf(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body().replaceAll(".*\"order_id\":\"([^\"]+)\".*", "$1");
    }

    /** Orders without an order_id, whose content is the customer_id. */
    private static String batch(String... customers) {
        return Arrays.stream(customers)
                .map(customer ->
                        "{\"customer_id\":\"%s\",\"items\":[{\"name\":\"x\",\"quantity\":1,\"price\":1}],\"total_amount\":1}"
                                .formatted(customer))
                .collect(Collectors.joining(",", "{\"orders\":[", "]}"));
    }

    private static List<String> idsOf(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        String ids = answer.body().replaceAll(".*\"order_ids\":\\[([^]]+)].*", "$1");
        return List.of(ids.replace("\"", "").split(","));
    }

    private void forgetKeys() throws Exception {
        assertThat(post("/intake/pause", "").statusCode()).isEqualTo(200);
        assertThat(post("/intake/resume", "").statusCode()).isEqualTo(200);
    }

    private static Collection<String> keys(List<ConsumerRecord<String, byte[]>> records) {
        return records.stream().map(ConsumerRecord::key).toList();
    }

    private String get(String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString())
                .body();
    }

    private HttpResponse<String> post(String path, String body, String... headers)
            throws IOException, InterruptedException {
        return post(port, path, body, headers);
    }

    private HttpResponse<String> post(int servicePort, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + servicePort + path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** The committed records whose order_id starts with the prefix. */
    private static List<ConsumerRecord<String, byte[]>> committed(String prefix) {
        Map<String, Object> config = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                PLATFORM.bootstrapServers(),
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed");
        List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.ORDERS).stream()
                    .map(partition -> new TopicPartition(Topics.ORDERS, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> {
                    if (record.key().startsWith(prefix)) {
                        found.add(record);
                    }
                });
            }
        }
        return found;
    }
}
