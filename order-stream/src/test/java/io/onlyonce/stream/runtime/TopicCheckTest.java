package io.onlyonce.stream.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.model.Topics;
import io.onlyonce.stream.topology.OrderTopology;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicCheckTest {
    private final Map<String, Integer> partitions = new HashMap<>();

    @BeforeEach
    void six_partitions_each() {
        Topics.ALL.forEach(topic -> partitions.put(topic, 6));
        partitions.put(OrderTopology.CHANGELOG, 6);
    }

    @Test
    void topics_with_the_same_number_of_partitions_have_no_problem() {
        TopicCheck check = new TopicCheck(partitions);
        assertThat(check.missing()).isEmpty();
        assertThat(check.mismatch()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {Topics.ORDERS, Topics.PROCESSED, Topics.DUPLICATES, Topics.DEAD_LETTERS, OrderTopology.CHANGELOG
            })
    void each_missing_or_larger_topic_is_reported(String topic) {
        partitions.put(topic, 8);
        assertThat(new TopicCheck(partitions).mismatch())
                .hasValueSatisfying(reason -> assertThat(reason).contains(topic + "=8", "=6", "POST /reset"));
        partitions.remove(topic);
        assertThat(new TopicCheck(partitions).missing())
                .hasValueSatisfying(reason -> assertThat(reason).contains("missing topics: " + topic + ";"));
    }
}
