package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.onlyonce.model.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class LagIT extends QueryApiIT {
    /** Every order with this id is in the same partition. */
    private static final String ID = "order-1";

    @Test
    void lag_is_zero_when_every_record_is_read_although_markers_follow() {
        for (int i = 0; i < 20; i++) {
            flow.passed(Flow.STREAM, flow.ingest(Flow.order("order-" + i)));
        }
        JsonNode partitions = streamLag().at("/partitions");
        assertThat(partitions
                        .valueStream()
                        .filter(partition -> partition.at("/last_stable_offset").asLong()
                                > partition.at("/committed_offset").asLong()))
                .as("partitions with a marker behind the committed offset")
                .hasSizeGreaterThan(3);
        assertThat(streamLag().at("/total_lag").asLong()).isZero();
    }

    @Test
    void lag_is_zero_although_a_long_tail_of_aborted_records_follows() {
        flow.passed(Flow.STREAM, flow.ingest(Flow.order(ID)));
        for (int transaction = 0; transaction < 20; transaction++) {
            flow.abort(Flow.record(Topics.ORDERS, ID, new byte[10_000]));
        }
        assertThat(streamLag().at("/total_lag").asLong()).isZero();
    }

    @Test
    void lag_counts_from_the_first_record_left_to_the_last_stable_offset() {
        flow.passed(Flow.STREAM, flow.ingest(Flow.order(ID)));
        flow.abort(Flow.record(Topics.ORDERS, ID, new byte[1]));
        flow.ingest(Flow.order(ID));
        flow.ingest(Flow.order(ID));
        // record, marker, record, marker
        assertThat(streamLag().at("/total_lag").asLong()).isEqualTo(4);
    }

    @Test
    void lag_of_a_group_that_never_committed_counts_from_the_start_of_the_log() {
        flow.ingest(Flow.order(ID));
        assertThat(streamLag().at("/total_lag").asLong()).isEqualTo(2);
        assertThat(partition(flow.ingest(Flow.order(ID)))
                        .at("/committed_offset")
                        .isNull())
                .isTrue();
        assertThat(streamLag().at("/total_lag").asLong()).isEqualTo(4);
    }

    @Test
    void lag_does_not_count_what_retention_has_deleted() {
        flow.passed(Flow.STREAM, flow.ingest(Flow.order(ID)));
        RecordMetadata deleted = flow.ingest(Flow.order(ID));
        flow.ingest(Flow.order(ID));
        TopicPartition partition = new TopicPartition(deleted.topic(), deleted.partition());
        Flow.await(flow.admin()
                .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(deleted.offset() + 2)))
                .all());
        assertThat(streamLag().at("/total_lag").asLong()).isEqualTo(2);
    }

    @Test
    void an_open_transaction_is_not_lag_until_it_commits() {
        flow.passed(Flow.STREAM, flow.ingest(Flow.order(ID)));
        try (var producer = flow.transactionalProducer()) {
            producer.beginTransaction();
            producer.send(Flow.record(Topics.ORDERS, ID, new byte[1]));
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
    void lag_of_a_dead_group_goes_on_growing_and_falls_to_zero_when_it_is_back() {
        flow.ingest(Flow.order(ID));
        readAll();
        assertThat(members()).isZero();
        assertThat(streamLag().at("/total_lag").asLong()).isZero();
        flow.ingest(Flow.order(ID));
        awaitMetric("kafka_consumergroup_lag", "consumergroup=\"order-stream\"", "2.0");
        flow.ingest(Flow.order(ID));
        awaitMetric("kafka_consumergroup_lag", "consumergroup=\"order-stream\"", "4.0");
        assertThat(streamLag().at("/total_lag").asLong()).isEqualTo(4);
        readAll();
        assertThat(streamLag().at("/total_lag").asLong()).isZero();
    }

    @Test
    void the_connectors_groups_are_there_before_they_ever_read() {
        Flow.Stored stored = flow.store(Flow.order(ID));
        assertThat(get("/kafka/lag")
                        .at("/consumer_groups")
                        .valueStream()
                        .map(group -> group.at("/consumer_group").asString()))
                .containsExactly(
                        "order-stream",
                        "connect-orders-sink",
                        "connect-processed-messages-sink",
                        "connect-duplicate-messages-sink");
        assertThat(get("/kafka/lag").at("/total_lag").asLong()).isZero();
        flow.commit(Flow.record(Flow.processed(Flow.order(ID), stored.source())));
        assertThat(get("/kafka/lag").at("/total_lag").asLong())
                .as("the record and its marker, for two groups")
                .isEqualTo(4);
    }

    /** As a member of the group: reads to the end, commits behind the last record, and leaves. */
    private void readAll() {
        try (var consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        Servers.bootstrapServers(),
                        ConsumerConfig.GROUP_ID_CONFIG,
                        Flow.STREAM,
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
                .filter(group -> group.at("/group_id").asString().equals(Flow.STREAM))
                .mapToInt(group -> group.at("/members").size())
                .sum();
    }

    private JsonNode streamLag() {
        return get("/kafka/lag")
                .at("/consumer_groups")
                .valueStream()
                .filter(group -> group.at("/consumer_group").asString().equals(Flow.STREAM))
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
