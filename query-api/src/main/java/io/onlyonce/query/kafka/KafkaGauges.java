package io.onlyonce.query.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.onlyonce.model.Topics;
import io.onlyonce.query.UnavailableException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Lag and open transactions as gauges. They are this service's, not the consumer's: a dead consumer's lag is what one
 * wants to see grow. While Kafka does not answer there are no values, rather than old ones.
 */
@Component
final class KafkaGauges {
    private static final Logger log = LoggerFactory.getLogger(KafkaGauges.class);

    private final KafkaAccess kafka;
    private final Lag lag;
    private final MultiGauge lagGauge;
    private final MultiGauge openGauge;
    private boolean answered = true;

    KafkaGauges(KafkaAccess kafka, Lag lag, MeterRegistry registry) {
        this.kafka = kafka;
        this.lag = lag;
        this.lagGauge = MultiGauge.builder("kafka_consumergroup_lag")
                .description("Offsets from the first record the group has still to read to the last stable one")
                .register(registry);
        this.openGauge = MultiGauge.builder("kafka_open_transaction_offsets")
                .description("End offset minus last stable offset: what waits for a transaction to end")
                .register(registry);
    }

    @Scheduled(fixedDelayString = "${onlyonce.query.metrics-interval}")
    void refresh() {
        try {
            lagGauge.register(lag.measure().stream().flatMap(KafkaGauges::rows).toList(), true);
            openGauge.register(openRows(), true);
            answered = true;
        } catch (UnavailableException e) {
            if (answered) {
                log.warn("No lag to show: {}", e.reason());
            }
            answered = false;
            lagGauge.register(List.of());
            openGauge.register(List.of());
        }
    }

    private static Stream<Row<?>> rows(GroupLag group) {
        return group.partitions().stream()
                .map(partition -> Row.of(
                        Tags.of(
                                "consumergroup", group.consumerGroup(),
                                "topic", partition.topic(),
                                "partition", Integer.toString(partition.partition())),
                        partition.lag()));
    }

    private List<Row<?>> openRows() {
        List<TopicPartition> partitions = kafka.topics().values().stream()
                .filter(topic -> Topics.ALL.contains(topic.name()))
                .flatMap(topic -> KafkaAccess.partitions(topic).stream())
                .toList();
        return kafka.offsets(partitions).entrySet().stream()
                .map(entry -> Row.of(
                        Tags.of(
                                "topic", entry.getKey().topic(),
                                "partition", Integer.toString(entry.getKey().partition())),
                        entry.getValue().open()))
                .collect(Collectors.toList());
    }
}
