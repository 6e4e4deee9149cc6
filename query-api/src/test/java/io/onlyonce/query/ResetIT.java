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

/** A reset while the producer, the consumer and the Connect worker are not running. */
class ResetIT extends QueryApiIT {
    private static final String CHANGELOG = Pipeline.STREAM + "-seen-orders-changelog";

    @Test
    void a_reset_deletes_everything_and_reports_what_it_deleted() {
        pipeline.store(Pipeline.order("order-1"));
        Pipeline.Stored twice = pipeline.store(Pipeline.order("order-2"));
        pipeline.insertProcessed(twice.processed(), pipeline.commit(Pipeline.record(twice.processed())));
        pipeline.ingest(Pipeline.order("not-yet-processed"));
        Api.Response response = post("/reset");
        assertThat(response.status()).as(response.text()).isEqualTo(200);
        JsonNode reset = response.json();
        assertThat(reset.at("/status").asString()).isEqualTo("reset");
        assertThat(reset.at("/removed/orders").asInt()).isEqualTo(2);
        assertThat(reset.at("/removed/processed_messages").asInt()).isEqualTo(3);
        assertThat(reset.at("/removed/topic_offsets/orders").asInt())
                .as("three records and their markers")
                .isEqualTo(6);
        assertThat(reset.at("/steps").valueStream().map(step -> step.at("/note").asString("")))
                .contains("the producer is not running", "the consumer is not running", "Connect is not running");
        assertEmpty();
    }

    @Test
    void a_reset_empties_the_changelog_of_the_dedup_store() {
        if (!Pipeline.await(pipeline.admin().listTopics().names()).contains(CHANGELOG)) {
            Pipeline.await(pipeline.admin()
                    .createTopics(List.of(new NewTopic(CHANGELOG, 1, (short) 1)
                            .configs(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, "compact,delete"))))
                    .all());
        }
        pipeline.commit(Pipeline.record(CHANGELOG, "order-1", new byte[1]));
        assertThat(post("/reset").at("/removed/topic_offsets/" + CHANGELOG).asInt())
                .isEqualTo(2);
        assertEmpty();
    }

    /** Only a topic of this test changes, because the number of partitions cannot be reduced again. */
    @Test
    void a_reset_makes_the_numbers_of_partitions_equal() {
        String changelog = Pipeline.STREAM + "-smaller-changelog";
        Pipeline.await(pipeline.admin()
                .createTopics(List.of(new NewTopic(changelog, 1, (short) 1)))
                .all());
        Api.Response reset = post("/reset");
        assertThat(reset.status()).as(reset.text()).isEqualTo(200);
        assertThat(reset.at("/steps").valueStream().map(step -> step.at("/note").asString("")))
                .anySatisfy(note -> assertThat(note)
                        .startsWith("increased to " + Topics.DEFAULT_PARTITIONS + ": ")
                        .contains(changelog));
        assertThat(Pipeline.await(pipeline.admin()
                                .describeTopics(List.of(changelog))
                                .allTopicNames())
                        .get(changelog)
                        .partitions())
                .hasSize(Topics.DEFAULT_PARTITIONS);
        Pipeline.await(pipeline.admin().deleteTopics(List.of(changelog)).all());
    }

    @Test
    void an_open_transaction_is_aborted_and_its_producer_is_fenced() {
        try (var producer = pipeline.transactionalProducer()) {
            producer.beginTransaction();
            producer.send(Pipeline.record(Topics.ORDERS, "order-1", new byte[1]));
            producer.flush();
            Api.Response reset = post("/reset");
            assertThat(reset.status()).as(reset.text()).isEqualTo(200);
            assertThat(reset.at("/steps")
                            .valueStream()
                            .map(step -> step.at("/note").asString("")))
                    .contains("1 left open by a process that has died");
            assertThatThrownBy(producer::commitTransaction).isInstanceOf(KafkaException.class);
        }
        assertEmpty();
    }

    @Test
    void a_reset_waits_until_the_session_of_a_killed_connect_worker_expires() {
        pipeline.store(Pipeline.order("order-1"));
        joinAsKilledWorker();
        assertThat(sinkMembers()).isEqualTo(1);
        Api.Response reset = post("/reset");
        assertThat(reset.status()).as(reset.text()).isEqualTo(200);
        assertThat(sinkMembers()).isZero();
        assertEmpty();
    }

    @Test
    void an_order_id_from_before_a_reset_can_be_used_again() {
        pipeline.store(Pipeline.order("order-1"));
        assertThat(post("/reset").status()).isEqualTo(200);
        pipeline.store(Pipeline.order("order-1"));
        assertThat(get("/stats").at("/total_processed_messages").asInt()).isEqualTo(1);
        assertThat(get("/orders/order-1").at("/processing_records").size()).isEqualTo(1);
        assertThat(get("/audit").at("/verdict").asString()).isEqualTo("ok");
    }

    @Test
    void a_reset_during_another_reset_is_rejected() {
        var both = List.of(
                CompletableFuture.supplyAsync(() -> post("/reset").status()),
                CompletableFuture.supplyAsync(() -> post("/reset").status()));
        assertThat(both.stream().map(CompletableFuture::join))
                .as("both succeed if they do not overlap")
                .contains(200)
                .isSubsetOf(200, 409);
    }

    /** A static member stays in its group after it is closed, like a killed member. */
    private static void joinAsKilledWorker() {
        try (var consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        Servers.bootstrapServers(),
                        ConsumerConfig.GROUP_ID_CONFIG,
                        Pipeline.SINK,
                        ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
                        "sink-task-0",
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
                .filter(group -> group.at("/group_id").asString().equals(Pipeline.SINK))
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
