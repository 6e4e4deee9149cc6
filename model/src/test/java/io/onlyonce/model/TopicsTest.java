package io.onlyonce.model;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.Test;

class TopicsTest {
    /** Kafka's default of segment.ms: the maximum age difference of two records in one segment. */
    private static final Duration SEGMENT = Duration.ofDays(7);

    private final Map<String, Duration> retention =
            Topics.specifications(6, 1).stream().collect(toMap(NewTopic::name, TopicsTest::retention));

    @Test
    void a_dead_letter_is_readable_for_longer_than_its_record_in_orders() {
        assertThat(retention.get(Topics.DEAD_LETTERS))
                .isGreaterThan(retention.get(Topics.ORDERS).plus(SEGMENT));
    }

    @Test
    void the_retention_of_every_topic_counts_from_the_append() {
        assertThat(Topics.specifications(6, 1))
                .hasSize(8)
                .allSatisfy(topic -> assertThat(topic.configs())
                        .as(topic.name())
                        .containsEntry(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime"));
    }

    private static Duration retention(NewTopic topic) {
        return Duration.ofMillis(Long.parseLong(topic.configs().get(TopicConfig.RETENTION_MS_CONFIG)));
    }
}
