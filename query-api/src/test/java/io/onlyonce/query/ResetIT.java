package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.onlyonce.model.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A reset beside which no producer, no consumer and no Connect worker runs: what was sent is in Kafka, and must go. */
class ResetIT extends QueryApiIT {
    private static final String CHANGELOG = "order-stream-seen-orders-changelog";

    @Test
    void everything_is_gone_and_the_answer_says_what_it_was() {
        flow.store(Flow.order("order-1"));
        Flow.Stored twice = flow.store(Flow.order("order-2"));
        flow.insertProcessed(twice.processed(), flow.commit(Flow.record(twice.processed())));
        flow.ingest(Flow.order("not-yet-processed"));
        Api.Response response = post("/reset");
        assertThat(response.status()).as(response.text()).isEqualTo(200);
        JsonNode reset = response.json();
        assertThat(reset.at("/status").asString()).isEqualTo("reset");
        assertThat(reset.at("/removed/orders").asInt()).isEqualTo(2);
        assertThat(reset.at("/removed/processed_messages").asInt()).isEqualTo(3);
        assertThat(reset.at("/removed/topic_offsets/orders").asInt())
                .as("three records, each with its marker")
                .isEqualTo(6);
        assertThat(reset.at("/steps").valueStream().map(step -> step.at("/note").asString("")))
                .contains("the producer is not running", "the consumer is not running", "Connect is not running");
        assertEmpty();
    }

    @Test
    void the_memory_of_what_was_seen_goes_too() {
        if (!Flow.await(flow.admin().listTopics().names()).contains(CHANGELOG)) {
            Flow.await(flow.admin()
                    .createTopics(List.of(new NewTopic(CHANGELOG, 1, (short) 1)
                            .configs(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, "compact,delete"))))
                    .all());
        }
        flow.commit(Flow.record(CHANGELOG, "order-1", new byte[1]));
        assertThat(post("/reset").at("/removed/topic_offsets/" + CHANGELOG).asInt())
                .isEqualTo(2);
        assertEmpty();
    }

    @Test
    void a_transaction_left_open_is_aborted_and_its_producer_cannot_commit_it_any_more() {
        try (var left = flow.transactionalProducer()) {
            left.beginTransaction();
            left.send(Flow.record(Topics.ORDERS, "order-1", new byte[1]));
            left.flush();
            Api.Response reset = post("/reset");
            assertThat(reset.status()).as(reset.text()).isEqualTo(200);
            assertThat(reset.at("/steps")
                            .valueStream()
                            .map(step -> step.at("/note").asString("")))
                    .contains("1 left open by a process that is gone");
            assertThatThrownBy(left::commitTransaction).isInstanceOf(KafkaException.class);
        }
        assertEmpty();
    }

    @Test
    void a_reset_waits_for_the_session_of_a_killed_connect_worker_to_run_out() {
        flow.store(Flow.order("order-1"));
        joinAsKilledWorker();
        assertThat(sinkMembers()).isEqualTo(1);
        Api.Response reset = post("/reset");
        assertThat(reset.status()).as(reset.text()).isEqualTo(200);
        assertThat(sinkMembers()).isZero();
        assertEmpty();
    }

    @Test
    void what_is_sent_after_a_reset_is_there_also_under_an_id_from_before() {
        flow.store(Flow.order("order-1"));
        assertThat(post("/reset").status()).isEqualTo(200);
        flow.store(Flow.order("order-1"));
        assertThat(get("/stats").at("/total_processed_messages").asInt()).isEqualTo(1);
        assertThat(get("/orders/order-1").at("/processing_records").size()).isEqualTo(1);
        assertThat(get("/audit").at("/verdict").asString()).isEqualTo("ok");
    }

    @Test
    void of_two_resets_at_a_time_one_is_told_that_the_other_is_under_way() {
        var both = List.of(
                CompletableFuture.supplyAsync(() -> post("/reset").status()),
                CompletableFuture.supplyAsync(() -> post("/reset").status()));
        assertThat(both.stream().map(CompletableFuture::join))
                .as("or they did not meet")
                .contains(200)
                .isSubsetOf(200, 409);
    }

    /** A static member does not leave its group when it is closed, as one that was killed does not. */
    private static void joinAsKilledWorker() {
        try (var consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        Servers.bootstrapServers(),
                        ConsumerConfig.GROUP_ID_CONFIG,
                        Flow.ORDERS_SINK,
                        ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
                        "orders-sink-0",
                        ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                        6_000),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(Topics.PROCESSED));
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                consumer.poll(Duration.ofMillis(100));
                return !consumer.assignment().isEmpty();
            });
        }
    }

    private int sinkMembers() {
        return get("/kafka/consumer-groups")
                .at("/consumer_groups")
                .valueStream()
                .filter(group -> group.at("/group_id").asString().equals(Flow.ORDERS_SINK))
                .mapToInt(group -> group.at("/members").size())
                .sum();
    }

    private void assertEmpty() {
        assertThat(get("/stats").at("/total_processed_messages").asInt(-1)).isZero();
        assertThat(get("/stats/duplicates").at("/total_database_rows").asInt(-1))
                .isZero();
        assertThat(get("/orders").at("/total").asInt(-1)).isZero();
        assertThat(get("/kafka/lag").at("/total_lag").asInt(-1)).isZero();
        assertThat(get("/audit").at("/verdict").asString()).isEqualTo("ok");
        JsonNode topics = get("/kafka/topics").at("/topics");
        assertThat(topics.valueStream()
                        .mapToLong(topic -> topic.at("/offsets").asLong())
                        .sum())
                .isZero();
    }
}
