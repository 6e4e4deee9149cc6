package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.Sink;
import io.onlyonce.platform.Platform;
import io.onlyonce.platform.Ports;
import io.onlyonce.platform.ServiceProcess;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.sink.Database;
import io.onlyonce.sink.SinkSetup;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** Resets and replays in the complete system. All components are real. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class CompleteSystemIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final int CLIENTS = 8;

    private static final Platform PLATFORM =
            Platform.builder().withPostgres().withConnect().start();
    private static final List<Integer> PORTS = Ports.free(2);
    private static final ServiceProcess PRODUCER = service(ServiceProcess.Program.PRODUCER, PORTS.get(0));
    private static final ServiceProcess CONSUMER = service(ServiceProcess.Program.CONSUMER, PORTS.get(1));

    @Autowired
    private JdbcClient jdbc;

    private final Api producer = new Api(PRODUCER.url());
    private Api api;

    /** An acknowledged order, with the times of the request and of the response. */
    private record Sent(String orderId, Instant requested, Instant acknowledged) {}

    private static ServiceProcess service(ServiceProcess.Program program, int port) {
        return new ServiceProcess(
                PLATFORM.context(),
                program,
                port,
                Map.of(
                        "KAFKA_BOOTSTRAP_SERVERS", PLATFORM.bootstrapServers(),
                        "INSTANCE_ID", program.componentName() + "-1",
                        "STATE_DIR",
                                PLATFORM.directory()
                                        .resolve(program.componentName() + "-state")
                                        .toString()));
    }

    @DynamicPropertySource
    static void services(DynamicPropertyRegistry registry) {
        registry.add("onlyonce.query.kafka-bootstrap-servers", PLATFORM::bootstrapServers);
        registry.add("onlyonce.query.connect-url", PLATFORM::connectUrl);
        registry.add("onlyonce.query.producer-url", PRODUCER::url);
        registry.add("onlyonce.query.consumer-url", CONSUMER::url);
        registry.add("spring.datasource.url", PLATFORM::jdbcUrl);
        registry.add("spring.datasource.username", PLATFORM.postgres()::user);
        registry.add("spring.datasource.password", PLATFORM.postgres()::password);
    }

    @BeforeEach
    void start(@LocalServerPort int port) throws InterruptedException {
        api = new Api(URI.create("http://127.0.0.1:" + port));
        Database database = new Database(
                PLATFORM.jdbcUrl(),
                PLATFORM.postgres().user(),
                PLATFORM.postgres().password());
        new SinkSetup(Sink.TRANSACTIONAL, database, PLATFORM.connectUrl(), line -> {}).run();
        PRODUCER.start();
        CONSUMER.start();
    }

    @AfterAll
    static void stop() {
        PRODUCER.stop(TerminationStyle.ABRUPT);
        CONSUMER.stop(TerminationStyle.ABRUPT);
        PLATFORM.close();
    }

    @Test
    void no_order_from_before_a_reset_appears_after_it_and_no_order_sent_after_its_response_is_lost() {
        Queue<Sent> sent = new ConcurrentLinkedQueue<>();
        AtomicBoolean stopped = new AtomicBoolean();
        Instant asked;
        Instant answered;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            AtomicInteger number = new AtomicInteger();
            for (int client = 0; client < CLIENTS; client++) {
                clients.submit(() -> {
                    while (!stopped.get()) {
                        send("order-" + number.incrementAndGet(), sent);
                    }
                });
            }
            await().atMost(TIMEOUT).until(() -> processed() > 50);
            asked = Instant.now();
            Api.Response reset = api.post("/reset");
            answered = Instant.now();
            assertThat(reset.status()).as(reset.text()).isEqualTo(200);
            await().atMost(TIMEOUT)
                    .until(() -> sent.stream()
                                    .filter(order -> order.requested().isAfter(answered))
                                    .count()
                            > 50);
            stopped.set(true);
        }
        awaitProcessed();
        var before = sent.stream()
                .filter(order -> order.acknowledged().isBefore(asked))
                .toList();
        var after = sent.stream()
                .filter(order -> order.requested().isAfter(answered))
                .toList();
        assertThat(before).hasSizeGreaterThan(50);
        assertThat(before).as("orders from before the reset").noneMatch(this::isStored);
        assertThat(after).as("orders from after the reset").allMatch(this::isStored);
        List<Sent> again = before.subList(0, 5);
        again.forEach(order -> send(order.orderId(), sent));
        awaitProcessed();
        assertThat(again).as("order_ids from before the reset").allMatch(this::isStored);
        assertClean();
    }

    @Test
    void a_reset_succeeds_without_a_running_consumer_and_the_restarted_consumer_has_an_empty_dedup_store() {
        Queue<Sent> sent = new ConcurrentLinkedQueue<>();
        IntStream.range(0, 20).forEach(i -> send("before-" + i, sent));
        awaitProcessed();
        CONSUMER.stop(TerminationStyle.ABRUPT);
        send("not-processed", sent);
        reset();
        assertThat(api.get("/kafka/lag").at("/total_lag").asInt(-1)).isZero();
        send("before-1", sent);
        CONSUMER.start();
        awaitProcessed();
        assertThat(processed()).isEqualTo(1);
        assertClean();
    }

    @Test
    @Tag("slow")
    void a_reset_waits_for_a_consumer_that_is_starting() throws Exception {
        Queue<Sent> sent = new ConcurrentLinkedQueue<>();
        send("before", sent);
        awaitProcessed();
        CONSUMER.stop(TerminationStyle.ABRUPT);
        long logged = Files.size(CONSUMER.log());
        Thread starting = Thread.startVirtualThread(CONSUMER::start);
        await().atMost(TIMEOUT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> Files.readString(CONSUMER.log())
                        .substring((int) logged)
                        .contains("Topology state=REBALANCING"));
        reset();
        starting.join();
        assertIsNew("before", sent);
    }

    @Test
    @Tag("soak")
    void a_reset_waits_for_a_connect_worker_that_is_starting() throws Exception {
        Queue<Sent> sent = new ConcurrentLinkedQueue<>();
        send("before", sent);
        awaitProcessed();
        PLATFORM.connect().stop(TerminationStyle.ABRUPT);
        IntStream.range(0, 20).forEach(i -> send("not-stored-" + i, sent));
        Thread starting = Thread.startVirtualThread(PLATFORM.connect()::start);
        reset();
        starting.join();
        assertIsNew("before", sent);
    }

    @Test
    void a_reset_succeeds_without_a_running_producer() {
        Queue<Sent> sent = new ConcurrentLinkedQueue<>();
        send("before", sent);
        awaitProcessed();
        PRODUCER.stop(TerminationStyle.ABRUPT);
        reset();
        PRODUCER.start();
        assertIsNew("before", sent);
    }

    @Test
    void a_replayed_dead_letter_of_the_stream_is_one_order() {
        reset();
        writeToOrders("other-key", order("replayed", "c"));
        writeToOrders("not-json", "{");
        List<JsonNode> letters = deadLetters(2);
        JsonNode wrongKey = with(letters, "other-key");
        assertThat(wrongKey.at("/reason").asString()).contains("is not the record's key");
        assertThat(replay(wrongKey, "").at("/order_id").asString()).isEqualTo("replayed");
        // The order is in flight or already stored.
        assertThat(replay(wrongKey, "").status()).isEqualTo(200);
        awaitProcessed();
        assertThat(replay(wrongKey, "").at("/through").asString()).isEqualTo("none");

        JsonNode notJson = with(letters, "not-json");
        Api.Response unchanged = replay(notJson, "");
        assertThat(unchanged.status()).isEqualTo(422);
        assertThat(unchanged.at("/detail").asString()).contains("is not valid JSON");
        Api.Response invalid = replay(notJson, "{\"order_id\":\"corrected\"}");
        assertThat(invalid.status()).isEqualTo(422);
        assertThat(invalid.at("/detail").asString()).contains("customer_id");
        assertThat(replay(notJson, order("corrected", "c")).status()).isEqualTo(200);
        awaitProcessed();
        assertThat(processed()).isEqualTo(2);
        assertThat(api.get("/orders/replayed").at("/processing_records").size()).isEqualTo(1);
        assertThat(api.get("/orders/corrected").status()).isEqualTo(200);
        assertClean();
    }

    @Test
    void a_replayed_dead_letter_of_the_sink_is_one_row() {
        reset();
        jdbc.sql("ALTER TABLE orders ADD CONSTRAINT refused CHECK (customer_id <> 'refused')")
                .update();
        Queue<Sent> sent = new ConcurrentLinkedQueue<>();
        try {
            producer.post("/orders", order("refused", "refused"));
            IntStream.range(0, 20).forEach(i -> send("other-" + i, sent));
            JsonNode letter = deadLetters(1).getFirst();
            assertThat(letter.at("/topic").asString()).isEqualTo("postgres-sink.dlq");
            assertThat(letter.at("/reason").asString()).contains("refused");
            awaitProcessed();
            assertThat(processed()).isEqualTo(20);
        } finally {
            jdbc.sql("ALTER TABLE orders DROP CONSTRAINT refused").update();
        }
        JsonNode letter = deadLetters(1).getFirst();
        assertThat(replay(letter, "{}").status()).as("with a body").isEqualTo(422);
        for (int i = 0; i < 2; i++) {
            Api.Response replayed = replay(letter, "");
            assertThat(replayed.at("/through").asString()).as(replayed.text()).isEqualTo("sink");
            assertThat(replayed.at("/record/topic").asString()).isEqualTo("orders.processed");
            assertThat(replayed.at("/records_read_again").asLong()).isPositive();
            await().atMost(TIMEOUT).until(() -> api.get("/orders/refused").status() == 200);
        }
        awaitProcessed();
        assertThat(processed()).isEqualTo(21);
        assertClean();
    }

    private Api.Response replay(JsonNode letter, String body) {
        String path = "/dead-letters/%s/%d/%d/replay"
                .formatted(
                        letter.at("/topic").asString(),
                        letter.at("/partition").asInt(),
                        letter.at("/offset").asLong());
        return body.isEmpty() ? api.post(path) : api.post(path, body);
    }

    private List<JsonNode> deadLetters(int count) {
        return await().atMost(TIMEOUT)
                .until(
                        () -> api.get("/dead-letters")
                                .at("/dead_letters")
                                .valueStream()
                                .toList(),
                        letters -> letters.size() == count);
    }

    private static JsonNode with(List<JsonNode> letters, String key) {
        return letters.stream()
                .filter(letter -> letter.at("/key").asString().equals(key))
                .findFirst()
                .orElseThrow();
    }

    private static String order(String orderId, String customerId) {
        return """
                {"order_id":"%s","customer_id":"%s","items":[{"name":"w","quantity":1,"price":1.00}],"total_amount":1.00,"created_at":"2026-11-28T10:00:00Z"}
                """.formatted(orderId, customerId);
    }

    /** Writes a record directly to the topic, without the ingest API. */
    private static void writeToOrders(String key, String value) {
        try (Pipeline other = new Pipeline(PLATFORM.bootstrapServers(), null)) {
            other.commit(Pipeline.record(Topics.ORDERS, key, value.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private void reset() {
        Api.Response reset = api.post("/reset");
        assertThat(reset.status()).as(reset.text()).isEqualTo(200);
    }

    /** Sends the order again and checks that it is the only order. */
    private void assertIsNew(String orderId, Queue<Sent> sent) {
        send(orderId, sent);
        awaitProcessed();
        assertThat(processed()).isEqualTo(1);
        assertClean();
    }

    private void send(String orderId, Queue<Sent> sent) {
        Instant requested = Instant.now();
        Api.Response response = producer.post("/orders", order(orderId, "c"));
        assertThat(response.status()).as(response.text()).isEqualTo(200);
        sent.add(new Sent(orderId, requested, Instant.now()));
    }

    private boolean isStored(Sent order) {
        return api.get("/orders/" + order.orderId()).status() == 200;
    }

    private int processed() {
        return api.get("/stats").at("/total_processed_messages").asInt();
    }

    /** Waits until the lag is 0. The connectors commit their offsets every few seconds. */
    private void awaitProcessed() {
        await().atMost(TIMEOUT)
                .until(() -> api.get("/kafka/lag").at("/total_lag").asInt(-1) == 0);
    }

    private void assertClean() {
        Api.Response audit = api.get("/audit");
        assertThat(audit.at("/verdict").asString()).as(audit.text()).isEqualTo("ok");
        assertThat(api.get("/stats?wait=60").at("/orders_in_flight").asInt(-1)).isZero();
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(api.get("/health").text()).contains("\"status\":\"ok\""));
    }
}
