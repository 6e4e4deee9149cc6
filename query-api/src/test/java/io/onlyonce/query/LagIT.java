package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.onlyonce.model.Order;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.DoublePredicate;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class LagIT extends QueryApiIT {
    /** All orders with this id are in the same partition. */
    private static final String ID = "order-1";

    @Test
    void lag_is_zero_if_only_transaction_markers_remain() {
        for (int i = 0; i < 20; i++) {
            pipeline.commitOffset(Pipeline.STREAM, pipeline.ingest(Pipeline.order("order-" + i)));
        }
        JsonNode partitions = streamLag().at("/partitions");
        assertThat(partitions
                        .valueStream()
                        .filter(partition -> partition.at("/last_stable_offset").asLong()
                                > partition.at("/committed_offset").asLong()))
                .as("partitions with a marker after the committed offset")
                .hasSizeGreaterThan(3);
        assertThat(streamLag().at("/total_lag").asLong()).isZero();
    }

    @Test
    void lag_is_zero_if_only_aborted_records_remain() {
        pipeline.commitOffset(Pipeline.STREAM, pipeline.ingest(Pipeline.order(ID)));
        for (int transaction = 0; transaction < 20; transaction++) {
            pipeline.abort(Pipeline.record(Topics.ORDERS, ID, new byte[10_000]));
        }
        assertThat(streamLag().at("/total_lag").asLong()).isZero();
    }

    @Test
    void lag_counts_from_the_first_unread_record_to_the_last_stable_offset() {
        pipeline.commitOffset(Pipeline.STREAM, pipeline.ingest(Pipeline.order(ID)));
        pipeline.abort(Pipeline.record(Topics.ORDERS, ID, new byte[1]));
        pipeline.ingest(Pipeline.order(ID));
        pipeline.ingest(Pipeline.order(ID));
        // record, marker, record, marker
        assertThat(streamLag().at("/total_lag").asLong()).isEqualTo(4);
        assertThat(streamLag().at("/records_waiting").asLong()).isEqualTo(2);
    }

    @Test
    void lag_in_seconds_is_the_age_of_the_oldest_unread_record() {
        RecordMetadata first = pipeline.ingest(Pipeline.order(ID));
        await().until(() -> streamLag().at("/lag_seconds").asDouble() > 1);
        RecordMetadata second = pipeline.ingest(Pipeline.order(ID));
        assertThat(streamLag().at("/lag_seconds").asDouble()).isGreaterThan(1);
        awaitMetric("kafka_consumergroup_lag_seconds", "topic=\"orders\"", value -> value > 1);
        double before = streamLag().at("/lag_seconds").asDouble();
        pipeline.commitOffset(Pipeline.STREAM, first);
        assertThat(streamLag().at("/lag_seconds").asDouble()).isPositive().isLessThan(before);
        pipeline.commitOffset(Pipeline.STREAM, second);
        assertThat(streamLag().at("/lag_seconds").asDouble()).isZero();
    }

    @Test
    void an_order_is_in_flight_until_its_row_is_stored() {
        assertThat(inFlight("/stats")).isZero();
        Order order = Pipeline.order(ID);
        RecordMetadata source = pipeline.ingest(order);
        assertThat(inFlight("/stats")).isEqualTo(1);
        assertThat(inFlight("/stats/duplicates")).isEqualTo(1);
        ProcessedOrder processed = Pipeline.processed(order, source);
        RecordMetadata output = pipeline.commit(Pipeline.record(processed));
        pipeline.commitOffset(Pipeline.STREAM, source);
        assertThat(inFlight("/stats")).as("waits for the sink").isEqualTo(1);
        var waiting = async(() -> get("/stats?wait=60").json());
        await().during(Duration.ofMillis(300)).until(() -> !waiting.isDone());
        pipeline.insertProcessed(processed, output);
        JsonNode stats = waiting.join();
        assertThat(stats.at("/orders_in_flight").asLong(-1))
                .as("before the connector has committed its offset")
                .isZero();
        assertThat(stats.at("/total_processed_messages").asInt()).isEqualTo(1);
        awaitMetric("orders_in_flight", "service=\"api\"", "0.0");
    }

    @Test
    void a_rejected_duplicate_is_in_flight_until_its_row_is_stored() {
        RecordMetadata duplicate = pipeline.commit(Pipeline.record(Topics.DUPLICATES, ID, new byte[1]));
        assertThat(inFlight("/stats")).isEqualTo(1);
        pipeline.insertDuplicate(ID, duplicate, false);
        assertThat(inFlight("/stats")).isZero();
    }

    @Test
    void orders_behind_an_open_transaction_are_in_flight_and_have_lag_seconds() {
        try (var producer = pipeline.transactionalProducer()) {
            producer.beginTransaction();
            producer.send(Pipeline.record(Topics.ORDERS, ID, new byte[1]));
            producer.flush();
            pipeline.ingest(Pipeline.order(ID));
            assertThat(streamLag().at("/total_lag").asLong()).isZero();
            assertThat(streamLag().at("/records_in_open_transactions").asLong()).isEqualTo(2);
            assertThat(inFlight("/stats")).isEqualTo(2);
            await().until(() -> streamLag().at("/lag_seconds").asDouble() > 0.5);
            awaitMetric("kafka_open_transaction_records", "topic=\"orders\"", "2.0");
            producer.abortTransaction();
        }
        assertThat(inFlight("/stats")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/stats?wait=61", "/stats/duplicates?wait=-1", "/audit?wait=61", "/stats?wait=soon"})
    void a_wait_must_be_between_0_and_60_seconds(String path) {
        Api.Response response = get(path);
        assertThat(response.status()).as(response.text()).isEqualTo(400);
        assertThat(response.at("/detail").asString()).contains("wait");
    }

    private long inFlight(String path) {
        return get(path).at("/orders_in_flight").asLong(-1);
    }

    @Test
    void lag_of_a_group_without_committed_offsets_counts_from_the_log_start() {
        pipeline.ingest(Pipeline.order(ID));
        assertThat(streamLag().at("/total_lag").asLong()).isEqualTo(2);
        assertThat(partition(pipeline.ingest(Pipeline.order(ID)))
                        .at("/committed_offset")
                        .isNull())
                .isTrue();
        assertThat(streamLag().at("/total_lag").asLong()).isEqualTo(4);
    }

    @Test
    void lag_does_not_count_deleted_records() {
        pipeline.commitOffset(Pipeline.STREAM, pipeline.ingest(Pipeline.order(ID)));
        RecordMetadata deleted = pipeline.ingest(Pipeline.order(ID));
        pipeline.ingest(Pipeline.order(ID));
        TopicPartition partition = new TopicPartition(deleted.topic(), deleted.partition());
        Pipeline.await(pipeline.admin()
                .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(deleted.offset() + 2)))
                .all());
        assertThat(streamLag().at("/total_lag").asLong()).isEqualTo(2);
    }

    @Test
    void an_open_transaction_is_not_lag_until_it_commits() {
        pipeline.commitOffset(Pipeline.STREAM, pipeline.ingest(Pipeline.order(ID)));
        try (var producer = pipeline.transactionalProducer()) {
            producer.beginTransaction();
            producer.send(Pipeline.record(Topics.ORDERS, ID, new byte[1]));
            producer.flush();
            assertThat(streamLag().at("/total_lag").asLong()).isZero();
            JsonNode orders = get("/kafka/topics")
                    .at("/topics")
                    .valueStream()
                    .filter(topic -> topic.at("/name").asString().equals(Topics.ORDERS))
                    .findAny()
                    .orElseThrow();
            assertThat(orders.at("/partitions")
                            .valueStream()
                            .mapToLong(
                                    partition -> partition.at("/open_offsets").asLong())
                            .sum())
                    .isEqualTo(1);
            awaitMetric("kafka_open_transaction_offsets", "topic=\"orders\"", "1.0");
            producer.commitTransaction();
        }
        assertThat(streamLag().at("/total_lag").asLong()).isEqualTo(2);
    }

    @Test
    void lag_of_a_dead_group_grows_and_returns_to_zero_after_a_restart() {
        pipeline.ingest(Pipeline.order(ID));
        readAll();
        assertThat(members()).isZero();
        assertThat(streamLag().at("/total_lag").asLong()).isZero();
        pipeline.ingest(Pipeline.order(ID));
        awaitMetric("kafka_consumergroup_lag", "consumergroup=\"" + Pipeline.STREAM + "\"", "2.0");
        pipeline.ingest(Pipeline.order(ID));
        awaitMetric("kafka_consumergroup_lag", "consumergroup=\"" + Pipeline.STREAM + "\"", "4.0");
        assertThat(streamLag().at("/total_lag").asLong()).isEqualTo(4);
        readAll();
        assertThat(streamLag().at("/total_lag").asLong()).isZero();
    }

    @Test
    void the_groups_of_the_connectors_are_listed_before_they_exist() {
        Pipeline.Stored stored = pipeline.store(Pipeline.order(ID));
        assertThat(get("/kafka/lag")
                        .at("/consumer_groups")
                        .valueStream()
                        .map(group -> group.at("/consumer_group").asString()))
                .containsExactly(Pipeline.STREAM, Pipeline.SINK);
        assertThat(get("/kafka/lag").at("/total_lag").asLong()).isZero();
        pipeline.commit(Pipeline.record(Pipeline.processed(Pipeline.order(ID), stored.source())));
        assertThat(get("/kafka/lag").at("/total_lag").asLong())
                .as("the record and its marker")
                .isEqualTo(2);
    }

    /** Joins the group, reads to the end, commits, and leaves the group. */
    private void readAll() {
        try (var consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        Servers.bootstrapServers(),
                        ConsumerConfig.GROUP_ID_CONFIG,
                        Pipeline.STREAM,
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest",
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(Topics.ORDERS));
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                consumer.poll(Duration.ofMillis(100));
                consumer.commitSync();
                return consumer.assignment().size() == Topics.DEFAULT_PARTITIONS
                        && streamLag().at("/total_lag").asLong() == 0;
            });
            assertThat(members()).isEqualTo(1);
        }
    }

    private int members() {
        return get("/kafka/consumer-groups")
                .at("/consumer_groups")
                .valueStream()
                .filter(group -> group.at("/group_id").asString().equals(Pipeline.STREAM))
                .mapToInt(group -> group.at("/members").size())
                .sum();
    }

    private JsonNode streamLag() {
        return get("/kafka/lag")
                .at("/consumer_groups")
                .valueStream()
                .filter(group -> group.at("/consumer_group").asString().equals(Pipeline.STREAM))
                .findAny()
                .orElseThrow();
    }

    private JsonNode partition(RecordMetadata record) {
        return streamLag()
                .at("/partitions")
                .valueStream()
                .filter(partition -> partition.at("/partition").asInt() == record.partition())
                .findAny()
                .orElseThrow();
    }

    private void awaitMetric(String name, String label, DoublePredicate value) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(
                                get("/actuator/prometheus").text().lines())
                        .anyMatch(line -> line.startsWith(name + "{")
                                && line.contains(label)
                                && value.test(Double.parseDouble(line.substring(line.lastIndexOf(' '))))));
    }

    private void awaitMetric(String name, String label, String value) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(get("/actuator/prometheus").text().lines())
                                .anyMatch(line -> line.startsWith(name + "{")
                                        && line.contains(label)
                                        && line.endsWith(" " + value)
                                        && line.contains("service=\"api\"")));
    }
}
