package io.onlyonce.stream;

import static io.onlyonce.stream.Orders.json;
import static io.onlyonce.stream.Orders.text;
import static io.onlyonce.stream.Orders.utf8;
import static io.onlyonce.stream.TestStack.awaitSlowly;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.onlyonce.model.Topics;
import io.onlyonce.model.setup.TopicSetup;
import io.onlyonce.platform.ServiceProcess;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.stream.runtime.StaticMemberClients;
import io.onlyonce.stream.topology.OrderTopology;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Tests the guarantee with a real broker and the packaged program, which is killed with SIGKILL. */
class OrderStreamIT {
    private static TestStack stack;
    private static ServiceProcess consumer;

    /** Each test uses its own order ids, because the dedup store is kept between tests. */
    private final String prefix = UUID.randomUUID().toString();

    @BeforeAll
    static void start() {
        stack = new TestStack();
        consumer = stack.instance("consumer-1", "first");
        if (consumer.lacksArchive()) {
            consumer.start();
            consumer.stop(TerminationStyle.GRACEFUL);
        }
    }

    @AfterAll
    static void stop() {
        consumer.stop(TerminationStyle.ABRUPT);
        stack.close();
    }

    @BeforeEach
    void run_exactly_once_without_faults() {
        consumer.start();
        stack.post(
                consumer,
                "/config",
                "{\"enable_idempotency\": true, \"crash_after_messages\": 0, \"failure_rate\": 0}");
        // Records that the previous test has left would count for "crash after five messages".
        stack.awaitIdle();
    }

    @Test
    void kill_minus_9_under_load_neither_loses_nor_duplicates_an_order() throws InterruptedException {
        TestStack.Load load = stack.load(prefix, 300);
        for (int kills = 1; kills <= 2; kills++) {
            int before = load.sent();
            awaitSlowly().until(() -> load.sent() > before + 300);
            consumer.stop(TerminationStyle.ABRUPT);
            consumer.start();
        }
        stack.awaitEachExactlyOnce(prefix, load.stop());
    }

    @ParameterizedTest
    @EnumSource(TerminationStyle.class)
    @Tag("soak")
    void after_every_kind_of_shutdown_the_store_is_complete_and_valid(TerminationStyle style) {
        stack.send(prefix + "-0");
        stack.awaitEachExactlyOnce(prefix, 1);
        int before = stack.log(consumer).length();
        consumer.stop(style);
        consumer.start();
        stack.send(prefix + "-0");
        stack.send(prefix + "-1");
        stack.awaitEachExactlyOnce(prefix, 2);
        assertThat(stack.log(consumer).substring(before)).doesNotContain("corrupted", "damaged");
    }

    /** Without deduplication, only the transaction prevents a second output after a crash. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_crash_between_output_and_commit_emits_nothing_twice(boolean deduplicating) {
        stack.post(consumer, "/config", """
                {"processing_mode": "exactly-once", "enable_idempotency": %s, "crash_after_messages": 5}""".formatted(deduplicating));
        crashAndComeBack();
        stack.awaitEachExactlyOnce(prefix, 10);
    }

    @Test
    void under_at_least_once_the_same_crash_duplicates_orders_and_the_mode_is_kept() {
        stack.post(consumer, "/config", "{\"enable_idempotency\": false, \"crash_after_messages\": 5}");
        double crashesBefore = stack.metric(consumer, "crash_simulated_total");
        crashAndComeBack();
        assertThat(stack.awaitProcessed(prefix, 10).values().stream()
                        .mapToInt(times -> times)
                        .sum())
                .as("uncommitted outputs were sent again")
                .isGreaterThan(10);
        JsonNode config = stack.get(consumer, "/config");
        assertThat(config.get("processing_mode").stringValue()).isEqualTo("at-least-once");
        assertThat(config.get("enable_idempotency").booleanValue()).isFalse();
        assertThat(config.get("crash_after_messages").intValue())
                .as("the fault is not kept")
                .isZero();
        assertThat(stack.metric(consumer, "crash_simulated_total")).isEqualTo(crashesBefore + 1);
        assertThat(stack.metric(consumer, "current_processing_mode")).isEqualTo(1);
    }

    private void crashAndComeBack() {
        for (int i = 0; i < 10; i++) {
            stack.send(prefix + "-" + i);
        }
        awaitSlowly().until(() -> !consumer.isAlive());
        String log = stack.log(consumer);
        assertThat(log.lines().filter(line -> line.contains("crash order_id=" + prefix)))
                .as(() -> "in the log that ends with\n" + log.substring(Math.max(0, log.length() - 8_000)))
                .singleElement()
                .asString()
                .contains("partition=", "offset=");
        consumer.start();
    }

    @Test
    void a_change_of_mode_under_load_loses_nothing_and_responds_when_the_topology_runs() throws InterruptedException {
        TestStack.Load load = stack.load(prefix, 300);
        List<String> changes = List.of(
                "{\"enable_idempotency\": false}",
                "{\"processing_mode\": \"at-least-once\", \"enable_idempotency\": true}",
                "{\"processing_mode\": \"exactly-once\", \"enable_idempotency\": false}",
                "{\"enable_idempotency\": true}");
        for (String change : changes) {
            int before = load.sent();
            awaitSlowly().until(() -> load.sent() > before + 100);
            assertThat(stack.post(consumer, "/config", change).get("state").stringValue())
                    .isEqualTo("RUNNING");
        }
        stack.awaitProcessed(prefix, load.stop());
    }

    @Test
    @Tag("soak")
    void messages_that_fail_are_retried_and_each_order_is_emitted_once() {
        double replacedBefore =
                stack.get(consumer, "/stats").get("threads_replaced").doubleValue();
        stack.post(consumer, "/config", "{\"failure_rate\": 0.05}");
        for (int i = 0; i < 100; i++) {
            stack.send(prefix + "-" + i);
        }
        stack.awaitEachExactlyOnce(prefix, 100);
        assertThat(stack.get(consumer, "/stats").get("threads_replaced").doubleValue())
                .isGreaterThan(replacedBefore);
        assertThat(stack.metric(consumer, "processing_errors_total{error_type=\"simulated_failure\""))
                .isPositive();
    }

    @Test
    @Tag("soak")
    void a_frozen_process_that_was_replaced_meanwhile_is_fenced_when_it_comes_back_and_ends() throws Exception {
        TestStack.Load load = stack.load(prefix, 200);
        ServiceProcess replacement = stack.instance("consumer-1", "replacement");
        try {
            awaitSlowly().until(() -> load.sent() > 200);
            consumer.freeze();
            replacement.start();
            awaitSlowly().until(() -> stack.count(Topics.PROCESSED, prefix).size() > 500);
            consumer.thaw();
            awaitSlowly().until(() -> !consumer.isAlive());
            assertThat(stack.log(consumer)).contains("Another process has taken over this INSTANCE_ID");
            stack.awaitEachExactlyOnce(prefix, load.stop());
            assertThat(replacement.isAlive()).isTrue();
        } finally {
            load.stop();
            consumer.stop(TerminationStyle.ABRUPT);
            replacement.close();
        }
    }

    @Test
    void after_a_broker_restart_the_stream_continues() throws InterruptedException {
        TestStack.Load load = stack.load(prefix, 100);
        awaitSlowly().until(() -> load.sent() > 100);
        stack.platform().kafka().stop(TerminationStyle.ABRUPT);
        awaitSlowly().untilAsserted(() -> {
            HttpResponse<String> health = stack.call(consumer, "/health");
            assertThat(health.statusCode()).isEqualTo(503);
            assertThat(health.body()).contains("does not answer");
        });
        stack.platform().kafka().start();
        stack.awaitEachExactlyOnce(prefix, load.stop());
        awaitSlowly().until(() -> stack.call(consumer, "/health").statusCode() == 200);
    }

    @Test
    void after_a_reset_an_old_order_id_counts_as_new() throws Exception {
        stack.send(prefix + "-0");
        stack.send(prefix + "-0");
        stack.awaitEachExactlyOnce(prefix, 1);
        assertThat(stack.get(consumer, "/state/" + prefix + "-0")
                        .get("order_id")
                        .stringValue())
                .isEqualTo(prefix + "-0");
        stack.post(consumer, "/topology/stop", "");
        assertThat(stack.call(consumer, "/health").statusCode()).isEqualTo(503);
        try (Admin admin = stack.admin()) {
            assertThat(admin.describeConsumerGroups(List.of(OrderTopology.APPLICATION_ID))
                            .all()
                            .get()
                            .get(OrderTopology.APPLICATION_ID)
                            .members())
                    .as("static members have left")
                    .isEmpty();
            deleteRecords(admin, Topics.ALL);
            deleteRecords(admin, List.of(OrderTopology.CHANGELOG));
        }
        stack.post(consumer, "/topology/start", "");
        // 503 until the second thread has opened its part of the dedup store.
        awaitSlowly()
                .until(() -> stack.call(consumer, "/state/" + prefix + "-0").statusCode() != 503);
        assertThat(stack.call(consumer, "/state/" + prefix + "-0").statusCode()).isEqualTo(404);
        stack.send(prefix + "-0");
        stack.awaitEachExactlyOnce(prefix, 1);
        assertThat(stack.count(Topics.DUPLICATES, prefix)).isEmpty();
    }

    private static void deleteRecords(Admin admin, List<String> topics)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, RecordsToDelete> everything = new HashMap<>();
        for (TopicDescription topic :
                admin.describeTopics(topics).allTopicNames().get().values()) {
            topic.partitions()
                    .forEach(partition -> everything.put(
                            new TopicPartition(topic.name(), partition.partition()), RecordsToDelete.beforeOffset(-1)));
        }
        admin.deleteRecords(everything).all().get();
    }

    @Test
    @Tag("soak")
    void two_instances_share_the_work_and_act_as_one() throws InterruptedException {
        ServiceProcess second = stack.instance("consumer-2", "second");
        try {
            second.start();
            awaitSlowly().untilAsserted(() -> {
                assertThat(activeTasks(consumer) + activeTasks(second)).isEqualTo(Topics.DEFAULT_PARTITIONS);
                assertThat(activeTasks(second)).isPositive();
            });
            TestStack.Load load = stack.load(prefix, 200);
            awaitSlowly().until(() -> load.sent() > 200);
            stack.awaitEachExactlyOnce(prefix, load.stop());
            awaitSlowly()
                    .untilAsserted(() -> assertThat(IntStream.range(0, 20)
                                    .mapToObj(i -> stack.get(consumer, "/state/" + prefix + "-" + i))
                                    .map(seen -> seen.get("consumer_id").stringValue())
                                    .distinct())
                            .as("one instance returns the entries of both")
                            .containsExactlyInAnyOrder("consumer-1", "consumer-2"));

            stack.post(consumer, "/config", "{\"processing_mode\": \"at-least-once\"}");
            assertThat(stack.get(second, "/config").get("processing_mode").stringValue())
                    .isEqualTo("at-least-once");
            stack.post(second, "/config", "{\"processing_mode\": \"exactly-once\"}");
            assertThat(stack.get(consumer, "/config").get("processing_mode").stringValue())
                    .isEqualTo("exactly-once");

            stack.post(second, "/topology/stop", "");
            assertThat(stack.get(consumer, "/config").get("state").stringValue())
                    .isEqualTo("STOPPED");
            stack.post(second, "/topology/start", "");
            // The instance that started first rebalances again when the second one joins.
            awaitSlowly()
                    .untilAsserted(() -> assertThat(
                                    stack.get(consumer, "/config").get("state").stringValue())
                            .isEqualTo("RUNNING"));
        } finally {
            second.close();
            // A static member that stops stays in the group until its session times out. Until then, this instance
            // forwards changes to it, and reports that they failed there.
            awaitSlowly().until(() -> activeTasks(consumer) == Topics.DEFAULT_PARTITIONS);
        }
    }

    private static int activeTasks(ServiceProcess instance) {
        int tasks = 0;
        for (JsonNode thread : stack.get(instance, "/topology").get("threads")) {
            tasks += thread.get("active").size();
        }
        return tasks;
    }

    @Test
    void orders_duplicates_and_dead_letters_are_logged_and_counted() {
        stack.post(consumer, "/reset-stats", "");
        double consumedBefore = stack.metric(consumer, "messages_consumed_total");
        double conflictsBefore = stack.metric(consumer, "order_conflicts_total");
        stack.send(prefix + "-0");
        stack.send(prefix + "-0");
        stack.send(prefix + "-0", text(json(prefix + "-0")).replace("customer-1", "customer-2"));
        stack.send(prefix + "-1", "no order");
        stack.awaitEachExactlyOnce(prefix, 1);
        awaitSlowly().untilAsserted(() -> {
            JsonNode stats = stack.get(consumer, "/stats");
            assertThat(stats.get("messages_consumed").intValue()).isEqualTo(4);
            assertThat(stats.get("messages_processed").intValue()).isEqualTo(1);
            assertThat(stats.get("duplicates_detected").intValue()).isEqualTo(2);
            assertThat(stats.get("conflicts").intValue()).isEqualTo(1);
            assertThat(stats.get("dead_letters").intValue()).isEqualTo(1);
        });
        assertThat(stack.metric(consumer, "messages_consumed_total")).isEqualTo(consumedBefore + 4);
        assertThat(stack.metric(consumer, "order_conflicts_total")).isEqualTo(conflictsBefore + 1);
        awaitSlowly()
                .untilAsserted(() -> assertThat(stack.log(consumer))
                        .contains("processed order_id=" + prefix + "-0")
                        .contains("duplicate order_id=" + prefix + "-0")
                        .contains("conflict order_id=" + prefix + "-0")
                        .contains("dead letter key=" + prefix + "-1"));
    }

    /** The topics have the timestamp type of an older version, which the setup changes. */
    @Test
    void retention_counts_from_the_append_and_not_from_the_timestamp_of_the_producer() throws Exception {
        try (Admin admin = stack.admin()) {
            for (String topic : Topics.ALL) {
                setTimestampType(admin, topic, "CreateTime");
            }
            TopicSetup.create(admin, Topics.DEFAULT_PARTITIONS, 1);
            long start = System.currentTimeMillis();
            stack.send(prefix + "-0", text(json(prefix + "-0")), Duration.ofDays(10));
            stack.send(prefix + "-1", "no order", Duration.ofDays(30));
            stack.awaitEachExactlyOnce(prefix, 1);
            awaitSlowly().until(() -> stack.records(Topics.DEAD_LETTERS, prefix).size() == 1);
            assertThat(retention(admin, Topics.PROCESSED)).isLessThan(Duration.ofDays(10));
            assertThat(retention(admin, Topics.DEAD_LETTERS)).isLessThan(Duration.ofDays(30));
            for (String topic : List.of(Topics.ORDERS, Topics.PROCESSED, Topics.DEAD_LETTERS)) {
                assertThat(stack.records(topic, prefix))
                        .as(topic)
                        .isNotEmpty()
                        .allSatisfy(
                                record -> assertThat(record.timestamp()).isBetween(start, System.currentTimeMillis()));
            }
        }
    }

    private static void setTimestampType(Admin admin, String topic, String type) throws Exception {
        ConfigEntry entry = new ConfigEntry(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, type);
        admin.incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic),
                        List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }

    private static Duration retention(Admin admin, String topic) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        String retention = admin.describeConfigs(List.of(resource))
                .all()
                .get()
                .get(resource)
                .get(TopicConfig.RETENTION_MS_CONFIG)
                .value();
        return Duration.ofMillis(Long.parseLong(retention));
    }

    @Test
    @Tag("slow")
    void while_nothing_is_committed_although_records_wait_the_instance_is_unhealthy() {
        stack.post(consumer, "/config", "{\"failure_rate\": 1}");
        stack.send(prefix + "-0");
        awaitUnhealthy("records of orders wait, but none was committed for 6 s");
        stack.post(consumer, "/config", "{\"failure_rate\": 0}");
        stack.awaitEachExactlyOnce(prefix, 1);
        awaitSlowly().until(() -> stack.call(consumer, "/health").statusCode() == 200);
    }

    @Test
    void while_a_topic_is_missing_the_instance_is_unhealthy_and_afterward_it_continues() throws Exception {
        try (Admin admin = stack.admin()) {
            admin.deleteTopics(List.of(Topics.PROCESSED)).all().get();
            awaitUnhealthy("missing topics: orders.processed");
            stack.send(prefix + "-0");
            TopicSetup.create(admin, Topics.DEFAULT_PARTITIONS, 1);
        }
        stack.awaitEachExactlyOnce(prefix, 1);
        awaitSlowly().until(() -> stack.call(consumer, "/health").statusCode() == 200);
    }

    private static void awaitUnhealthy(String reason) {
        awaitSlowly().untilAsserted(() -> {
            HttpResponse<String> health = stack.call(consumer, "/health");
            assertThat(health.statusCode()).isEqualTo(503);
            assertThat(health.body()).contains(reason);
        });
    }

    /** On its own servers, because the number of partitions cannot be reduced again. */
    @Test
    @Tag("slow")
    void after_an_increase_of_the_partitions_of_orders_the_stream_stops_with_the_reason_until_the_repair()
            throws Exception {
        try (TestStack own = new TestStack();
                ServiceProcess instance = own.instance("consumer-1", "partitions");
                Admin admin = own.admin()) {
            instance.start();
            TestStack.Load load = own.load(prefix, 100);
            awaitSlowly().until(() -> own.count(Topics.PROCESSED, prefix).size() > 100);
            admin.createPartitions(Map.of(Topics.ORDERS, NewPartitions.increaseTo(8)))
                    .all()
                    .get();
            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
                HttpResponse<String> health = own.call(instance, "/health");
                assertThat(health.statusCode()).isEqualTo(503);
                assertThat(health.body()).contains("orders=8", "orders.processed=6", "POST /reset");
            });
            awaitSlowly()
                    .until(() -> own.get(instance, "/stats")
                            .get("state")
                            .stringValue()
                            .equals("STARTING"));
            // The producer of the load learns of the new partitions after five minutes.
            load.stop();
            String other = UUID.randomUUID().toString();
            for (int partition = 0; partition < 8; partition++) {
                own.send(partition, other + "-" + partition);
            }
            NewPartitions eight = NewPartitions.increaseTo(8);
            admin.createPartitions(Map.of(
                            Topics.PROCESSED, eight,
                            Topics.DUPLICATES, eight,
                            Topics.DEAD_LETTERS, eight,
                            OrderTopology.CHANGELOG, eight))
                    .all()
                    .get();
            own.awaitEachExactlyOnce(other, 8);
            own.awaitEachExactlyOnce(prefix, load.sent());
            awaitSlowly().until(() -> own.call(instance, "/health").statusCode() == 200);
            assertThat(own.log(instance)).doesNotContain("Another process has taken over");
        }
    }

    /**
     * The coordinator assigns a new member id at the start of a join, but the consumer reports it only at the end. A
     * failed join must not look like a takeover by another process.
     */
    @Test
    void a_join_that_fails_does_not_count_as_a_takeover() {
        StaticMemberClients clients = new StaticMemberClients("static-member");
        try (Admin _ = clients.getAdmin(memberConfig(RangeAssignor.class))) {
            join(clients, memberConfig(RangeAssignor.class), Topics.ORDERS);
            // The first failure leaves the group in the middle of a rebalance, so that the second join fails before its
            // end.
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> join(clients, memberConfig(FailingAssignor.class), Topics.PROCESSED))
                        .hasStackTraceContaining("simulated");
            }
            join(clients, memberConfig(RangeAssignor.class), Topics.ORDERS);

            StaticMemberClients other = new StaticMemberClients("static-member");
            join(other, memberConfig(RangeAssignor.class), Topics.ORDERS);
            assertThatThrownBy(() -> join(clients, memberConfig(RangeAssignor.class), Topics.ORDERS))
                    .isInstanceOf(FencedInstanceIdException.class)
                    .hasMessageContaining("held by another process");
        }
    }

    private static final ConsumerRebalanceListener IGNORE = new ConsumerRebalanceListener() {
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}
    };

    private static void join(StaticMemberClients clients, Map<String, Object> config, String topic) {
        try (Consumer<byte[], byte[]> consumer = clients.getConsumer(config)) {
            consumer.subscribe(List.of(topic), IGNORE);
            while (consumer.assignment().isEmpty()) {
                consumer.poll(Duration.ofMillis(100));
            }
        }
    }

    private static Map<String, Object> memberConfig(Class<?> assignor) {
        return Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                stack.platform().bootstrapServers(),
                ConsumerConfig.GROUP_ID_CONFIG,
                "static-member-test",
                ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
                "static-member-1",
                ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                6_000,
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                assignor.getName());
    }

    /** Has the name of the assignor that it replaces, so that the group accepts it. */
    public static final class FailingAssignor extends RangeAssignor {
        @Override
        public GroupAssignment assign(Cluster cluster, GroupSubscription subscriptions) {
            throw new IllegalStateException("simulated");
        }
    }

    /** A broker limits the compressed size of a record, a producer the uncompressed size. */
    @Test
    void a_record_that_is_large_after_decompression_does_not_stop_the_stream() {
        int lettersBefore = stack.get(consumer, "/stats").get("dead_letters").intValue();
        try (KafkaProducer<byte[], byte[]> producer = stack.compressingProducer()) {
            for (int mebibytes : new int[] {3, 7, 20}) {
                producer.send(new ProducerRecord<>(Topics.ORDERS, utf8("large"), new byte[mebibytes << 20]));
            }
            byte[] padded = utf8(text(json(prefix + "-0")) + " ".repeat(3 << 20));
            producer.send(new ProducerRecord<>(Topics.ORDERS, utf8(prefix + "-0"), padded));
        }
        IntStream.range(1, 20).forEach(i -> stack.send(prefix + "-" + i));
        stack.awaitEachExactlyOnce(prefix, 20);
        awaitSlowly()
                .until(() -> stack.get(consumer, "/stats").get("dead_letters").intValue() == lettersBefore + 3);
    }

    @Test
    void the_state_of_an_order_id_with_a_slash_can_be_queried() {
        stack.send(prefix + "/-1", text(json(prefix + "/-1")));
        awaitSlowly()
                .until(() -> stack.call(consumer, "/state/" + prefix + "%2F-1").statusCode() == 200);
    }

    @Test
    void a_change_of_faults_does_not_revert_a_concurrent_change_of_mode() throws Exception {
        CompletableFuture<JsonNode> mode = CompletableFuture.supplyAsync(
                () -> stack.post(consumer, "/config", "{\"processing_mode\": \"at-least-once\"}"));
        while (!mode.isDone()) {
            stack.post(consumer, "/config", "{\"failure_rate\": 0}");
        }
        assertThat(mode.get().get("processing_mode").stringValue()).isEqualTo("at-least-once");
        assertThat(stack.get(consumer, "/config").get("processing_mode").stringValue())
                .isEqualTo("at-least-once");
    }

    @Test
    void the_metrics_of_the_contract_have_their_names_and_labels() {
        String metrics = stack.call(consumer, "/actuator/prometheus").body();
        assertThat(metrics)
                .contains("messages_consumed_total{service=\"consumer\",status=\"processed\",topic=\"orders\"}")
                .contains(
                        "messages_processed_total{processing_mode=\"exactly-once\",service=\"consumer\",topic=\"orders\"}")
                .contains("duplicates_detected_total{service=\"consumer\"}")
                .contains("order_conflicts_total{service=\"consumer\"}")
                .contains("processing_errors_total{error_type=\"simulated_failure\",service=\"consumer\"}")
                .contains("processing_latency_seconds_bucket{service=\"consumer\",le=")
                .contains("current_processing_mode{service=\"consumer\"} 2.0")
                .contains("idempotency_enabled{service=\"consumer\"} 1.0")
                .contains("crash_simulated_total{service=\"consumer\"}")
                .contains("kafka_stream_thread_commit_latency_avg");
        assertThat(metrics.lines())
                .as("no time series for each order, thread or restart")
                .hasSizeLessThan(4_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"processing_mode\": \"exactly_once\"}",
                "{\"failure_rate\": 1.5}",
                "{\"failure_rate\": -0.1}",
                "{\"crash_after_messages\": -1}",
                "{\"crash_after_messages\": 1.5}",
                "{\"crash_after_messages\": \"5\"}",
                "{\"enable_idempotency\": \"yes\"}",
                "{\"enable_idempotence\": true}",
                "{",
                "[]",
                ""
            })
    void an_invalid_configuration_is_rejected_and_changes_nothing(String change) {
        JsonNode before = stack.get(consumer, "/config");
        HttpResponse<String> answer = stack.call(consumer, "/config", change);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(stack.get(consumer, "/config")).isEqualTo(before);
    }

    @Test
    void the_endpoints_are_documented() {
        JsonNode paths = stack.get(consumer, "/v3/api-docs").get("paths");
        assertThat(paths.propertyNames())
                .contains(
                        "/config",
                        "/stats",
                        "/reset-stats",
                        "/simulate/crash",
                        "/topology",
                        "/topology/stop",
                        "/topology/start",
                        "/state/{order_id}",
                        "/health");
        assertThat(stack.get(consumer, "/topology").get("description").stringValue())
                .contains("seen-orders");
    }

    @Test
    void a_requested_crash_happens_after_the_response() {
        assertThat(stack.post(consumer, "/simulate/crash", "").get("status").stringValue())
                .isEqualTo("crashing");
        awaitSlowly().until(() -> !consumer.isAlive());
    }
}
