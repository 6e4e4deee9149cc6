package io.onlyonce.ingest.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.onlyonce.ingest.CommittedOrders;
import io.onlyonce.model.DeliveryMode;
import io.onlyonce.model.time.Deadline;
import io.onlyonce.platform.Platform;
import io.onlyonce.platform.TerminationStyle;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Headers;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.util.unit.DataSize;

/** Group commit with a real broker that is frozen, killed, and reconfigured during transactions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TransactionalSenderIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(4);
    private static final int COLD_MAX_REQUESTS = 256;
    private static final int WORKERS = 2;
    private static final Duration TRANSACTION_INTERVAL = Duration.ofMillis(4);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<String, Outcome> answers = new ConcurrentHashMap<>();
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private Platform platform;
    private CommittedOrders topic;
    private TransactionalSender sender;

    @BeforeAll
    void startBroker() {
        platform = Platform.builder().start();
        topic = new CommittedOrders(platform.bootstrapServers());
    }

    @AfterEach
    void closeSender() {
        sender.close();
    }

    @AfterAll
    void stopBroker() {
        clients.close();
        platform.close();
    }

    @Test
    void concurrent_requests_share_transactions() throws Exception {
        open("sharing", 10_000);
        List<Future<Outcome>> sent =
                IntStream.range(0, 500).mapToObj(i -> sendAsync(1)).toList();
        for (Future<Outcome> outcome : sent) {
            assertThat(outcome.get()).isInstanceOf(Outcome.Written.class);
        }
        assertThat(transactions("committed")).isBetween(1.0, 250.0);
        assertAnswersAreTrue();
    }

    @Test
    void under_load_a_worker_respects_the_interval_between_transactions() throws Exception {
        Duration interval = Duration.ofMillis(50);
        open("interval", 10_000, interval);
        long start = System.nanoTime();
        try (Load load = new Load()) {
            Awaitility.await().atMost(TIMEOUT).until(() -> transactions("committed") >= 40);
        }
        long intervals = (System.nanoTime() - start) / interval.toNanos();
        assertThat(transactions("committed")).isLessThanOrEqualTo(WORKERS * (intervals + 1.0));
        assertAnswersAreTrue();
    }

    @Test
    void a_record_that_the_broker_refuses_does_not_affect_other_requests() throws Exception {
        open("refusing", 10_000);
        setTopic("max.message.bytes", "20000");
        try {
            Future<Outcome> large = sendAsync(1, 30_000);
            List<Future<Outcome>> others =
                    IntStream.range(0, 50).mapToObj(i -> sendAsync(1)).toList();
            assertThat(large.get()).isInstanceOf(Outcome.Refused.class);
            for (Future<Outcome> outcome : others) {
                assertThat(outcome.get()).isInstanceOf(Outcome.Written.class);
            }
        } finally {
            setTopic("max.message.bytes", "1048588");
        }
        assertAnswersAreTrue();
    }

    /** A clock that differs from the broker's by more than the limit of the topic. */
    @Test
    void a_rejected_timestamp_is_not_the_fault_of_the_order() throws Exception {
        open("clock", 10_000);
        setTopic("message.timestamp.type", "CreateTime");
        setTopic("message.timestamp.after.max.ms", "60000");
        OrderSender plain = new PlainSender(
                new DeliverySettings(DeliveryMode.EXACTLY_ONCE, false),
                properties("clock", 10_000, TRANSACTION_INTERVAL),
                new DeliveryMetrics(meters),
                new Admission(COLD_MAX_REQUESTS, ANSWER_WITHIN));
        try {
            assertTimestampIsRejected(sender, 1);
            // With several invalid records in a batch, the producer reports another exception.
            assertTimestampIsRejected(sender, 20);
            assertTimestampIsRejected(plain, 1);
        } finally {
            plain.close();
            setTopic("message.timestamp.after.max.ms", "3600000");
        }
        awaitWritten();
    }

    private void assertTimestampIsRejected(OrderSender to, int records) throws InterruptedException {
        long tomorrow = System.currentTimeMillis() + Duration.ofDays(1).toMillis();
        PendingRequest request = new PendingRequest(IntStream.range(0, records)
                .mapToObj(i -> new ProducerRecord<>(
                        "orders", null, tomorrow, ("clock-" + i).getBytes(StandardCharsets.UTF_8), new byte[10]))
                .toList());
        assertThat(to.send(request, Deadline.in(ANSWER_WITHIN)))
                .isInstanceOfSatisfying(
                        Outcome.NotWritten.class,
                        outcome -> assertThat(outcome.reason()).contains("Timestamp"));
    }

    @Test
    void an_error_does_not_end_the_worker() throws Exception {
        open("error", 10_000);
        assertThat(sendAsync(1).get()).isInstanceOf(Outcome.Written.class);
        AtomicBoolean thrown = new AtomicBoolean();
        List<Future<Outcome>> sent = IntStream.range(0, 2 * WORKERS)
                .mapToObj(i -> clients.submit(() -> sender.send(failingOnce(thrown), Deadline.in(ANSWER_WITHIN))))
                .toList();
        for (Future<Outcome> outcome : sent) {
            assertThat(outcome.get()).isInstanceOf(Outcome.Written.class);
        }
        assertThat(thrown).isTrue();
        Awaitility.await()
                .atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(meters.get("ingest.transaction.workers.ready")
                                .gauge()
                                .value())
                        .isEqualTo(WORKERS));
        assertAnswersAreTrue();
    }

    /** The producer reads the headers when it sends the record. */
    private static PendingRequest failingOnce(AtomicBoolean thrown) {
        return new PendingRequest(List.of(new ProducerRecord<>("orders", new byte[1], new byte[1]) {
            @Override
            public Headers headers() {
                boolean worker = Thread.currentThread().getName().startsWith("transaction-worker-");
                if (worker && !thrown.getAndSet(true)) {
                    throw new NoClassDefFoundError("thrown by the test");
                }
                return super.headers();
            }
        }));
    }

    @Test
    void a_fenced_worker_recovers_and_its_requests_are_written_once() throws Exception {
        open("fenced", 10_000);
        assertThat(sendAsync(1).get()).isInstanceOf(Outcome.Written.class);
        try (Admin admin = admin()) {
            admin.fenceProducers(List.of("ingest-fenced-0", "ingest-fenced-1"))
                    .all()
                    .get();
        }
        List<Future<Outcome>> sent =
                IntStream.range(0, 20).mapToObj(i -> sendAsync(3)).toList();
        for (Future<Outcome> outcome : sent) {
            assertThat(outcome.get()).isInstanceOf(Outcome.Written.class);
        }
        assertAnswersAreTrue();
        assertThat(sender.problem()).isEmpty();
    }

    @Test
    void a_second_process_with_the_same_ids_is_reported_as_a_problem() throws Exception {
        open("twice", 10_000);
        TransactionalSender first = sender;
        open("twice", 10_000);
        try {
            AtomicBoolean seen = new AtomicBoolean();
            Awaitility.await().atMost(TIMEOUT).until(() -> {
                first.send(request(UUID.randomUUID().toString(), 1, 200), Deadline.in(ANSWER_WITHIN));
                sender.send(request(UUID.randomUUID().toString(), 1, 200), Deadline.in(ANSWER_WITHIN));
                first.problem()
                        .filter(problem -> problem.contains("another live process"))
                        .ifPresent(problem -> seen.set(true));
                return seen.get();
            });
        } finally {
            first.close();
        }
    }

    @Test
    void while_the_broker_is_frozen_requests_are_answered_in_time_and_correctly() throws Exception {
        open("frozen", 10_000);
        assertThat(sendAsync(1).get()).isInstanceOf(Outcome.Written.class);
        platform.kafka().freeze();
        List<Future<Outcome>> sent;
        try {
            long start = System.nanoTime();
            sent = IntStream.range(0, 40).mapToObj(i -> sendAsync(2)).toList();
            for (Future<Outcome> outcome : sent) {
                assertThat(outcome.get()).isNotInstanceOf(Outcome.Written.class);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(ANSWER_WITHIN.plusSeconds(2));
            // A request that has spent most of its time elsewhere.
            long last = System.nanoTime();
            sender.send(request(UUID.randomUUID().toString(), 1, 200), Deadline.in(Duration.ofMillis(100)));
            assertThat(Duration.ofNanos(System.nanoTime() - last)).isLessThan(Duration.ofSeconds(2));
            Awaitility.await()
                    .atMost(TIMEOUT)
                    .untilAsserted(() -> assertThat(sender.outage()).isPresent());
        } finally {
            platform.kafka().thaw();
        }
        awaitWritten();
        assertAnswersAreTrue();
    }

    @Test
    void a_full_queue_rejects_requests_immediately_and_queued_requests_are_written_later() throws Exception {
        open("full", 10);
        assertThat(sendAsync(1).get()).isInstanceOf(Outcome.Written.class);
        platform.kafka().freeze();
        List<Future<Outcome>> sent;
        try {
            sent = IntStream.range(0, 200).mapToObj(i -> sendAsync(1)).toList();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(2))
                    .until(() -> sent.stream().filter(Future::isDone).count() >= 100);
        } finally {
            platform.kafka().thaw();
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (Future<Outcome> outcome : sent) {
            outcomes.add(outcome.get());
        }
        assertThat(outcomes).hasAtLeastOneElementOfType(Outcome.Written.class);
        assertThat(outcomes).hasAtLeastOneElementOfType(Outcome.NotWritten.class);
        awaitWritten();
        assertAnswersAreTrue();
    }

    @Test
    @Tag("soak")
    void every_answer_is_true_when_the_broker_is_killed_and_frozen() throws Exception {
        open("chaos", 10_000);
        try (Load load = new Load()) {
            awaitWritten();
            platform.kafka().stop(TerminationStyle.ABRUPT);
            platform.kafka().start();
            awaitWritten();
            platform.kafka().freeze();
            Awaitility.await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
            platform.kafka().thaw();
            awaitWritten();
        }
        assertAnswersAreTrue();
    }

    /** Fences often enough that some transactions have written their records but are not committed yet. */
    @Test
    void every_answer_is_true_when_producers_are_fenced_during_transactions() throws Exception {
        open("interrupted", 10_000);
        Admin admin = admin();
        Deadline deadline = Deadline.in(TIMEOUT);
        try (Load load = new Load()) {
            while (failedTransactions() < 20) {
                assertThat(deadline.expired()).as("the fencings have no effect").isFalse();
                awaitWritten();
                // Does not wait for the result. While a transaction completes, the broker rejects the request, and the
                // Admin
                // would repeat it with growing pauses.
                admin.fenceProducers(List.of("ingest-interrupted-0", "ingest-interrupted-1"));
            }
        } finally {
            admin.close(Duration.ZERO);
        }
        assertThat(transactions("aborted")).isPositive();
        assertAnswersAreTrue();
    }

    /** Clients that send single records and batches until this is closed. */
    private final class Load implements AutoCloseable {
        private static final int CLIENTS = 32;

        private volatile boolean closed;
        private final List<Future<?>> running = IntStream.range(0, CLIENTS)
                .<Future<?>>mapToObj(client -> clients.submit(() -> {
                    while (!closed) {
                        send(client % 4 == 0 ? 5 : 1, 200);
                    }
                    return null;
                }))
                .toList();

        @Override
        public void close() throws Exception {
            closed = true;
            for (Future<?> client : running) {
                client.get();
            }
        }
    }

    private void open(String instanceId, int queueMaxRequests) {
        open(instanceId, queueMaxRequests, TRANSACTION_INTERVAL);
    }

    private void open(String instanceId, int queueMaxRequests, Duration transactionInterval) {
        DeliveryProperties properties = properties(instanceId, queueMaxRequests, transactionInterval);
        meters.clear();
        sender = new TransactionalSender(
                properties, new DeliveryMetrics(meters), new Admission(COLD_MAX_REQUESTS, properties.maxWait()));
        Awaitility.await().atMost(TIMEOUT).until(() -> sender.problem().isEmpty());
    }

    private DeliveryProperties properties(String instanceId, int queueMaxRequests, Duration transactionInterval) {
        return new DeliveryProperties(
                platform.bootstrapServers(),
                instanceId,
                DeliveryMode.EXACTLY_ONCE,
                true,
                ANSWER_WITHIN,
                COLD_MAX_REQUESTS,
                WORKERS,
                transactionInterval,
                Duration.ofSeconds(5),
                1_000,
                DataSize.ofMegabytes(4),
                queueMaxRequests,
                DataSize.ofMegabytes(32),
                DataSize.ofBytes(1_000_000));
    }

    private double failedTransactions() {
        return transactions("aborted") + transactions("unknown");
    }

    private double transactions(String status) {
        return meters.counter("transactions", "status", status).count();
    }

    private Future<Outcome> sendAsync(int records) {
        return sendAsync(records, 200);
    }

    private Future<Outcome> sendAsync(int records, int bytes) {
        return clients.submit(() -> send(records, bytes));
    }

    /** The keys of the records start with the id of their request. */
    private Outcome send(int records, int bytes) throws InterruptedException {
        String id = UUID.randomUUID() + "/" + records;
        Outcome outcome = sender.send(request(id, records, bytes), Deadline.in(ANSWER_WITHIN));
        answers.put(id, outcome);
        return outcome;
    }

    private static PendingRequest request(String id, int records, int bytes) {
        return new PendingRequest(IntStream.range(0, records)
                .mapToObj(i -> new ProducerRecord<>(
                        "orders", (id + "/" + i).getBytes(StandardCharsets.UTF_8), new byte[bytes]))
                .toList());
    }

    private void awaitWritten() {
        Awaitility.await("a written record")
                .atMost(TIMEOUT)
                .until(() -> sendAsync(1).get(30, TimeUnit.SECONDS) instanceof Outcome.Written);
    }

    /** Written: all records exist once. Not written or refused: none exists. Unknown: all exist once, or none exists. */
    private void assertAnswersAreTrue() {
        Map<String, Long> counts = topic.counts();
        answers.forEach((id, outcome) -> {
            int records = Integer.parseInt(id.substring(id.indexOf('/') + 1));
            List<Long> found = IntStream.range(0, records)
                    .mapToObj(i -> counts.getOrDefault(id + "/" + i, 0L))
                    .distinct()
                    .toList();
            switch (outcome) {
                case Outcome.Written written ->
                    assertThat(found).as(id + " was written").containsExactly(1L);
                case Outcome.NotWritten not ->
                    assertThat(found).as(id + " was not written").containsExactly(0L);
                case Outcome.Refused refused ->
                    assertThat(found).as(id + " was refused").containsExactly(0L);
                case Outcome.Unknown unknown ->
                    assertThat(found).as(id + " is unknown").hasSize(1).isSubsetOf(0L, 1L);
            }
        });
    }

    private void setTopic(String setting, String value) throws Exception {
        ConfigResource orders = new ConfigResource(ConfigResource.Type.TOPIC, "orders");
        Collection<AlterConfigOp> change =
                List.of(new AlterConfigOp(new ConfigEntry(setting, value), AlterConfigOp.OpType.SET));
        try (Admin admin = admin()) {
            admin.incrementalAlterConfigs(Map.of(orders, change)).all().get();
        }
    }

    private Admin admin() {
        return Admin.create(Map.<String, Object>of("bootstrap.servers", platform.bootstrapServers()));
    }
}
