package io.onlyonce.query.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.onlyonce.model.Topics;
import io.onlyonce.query.UnavailableException;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Publishes the lag and the open transactions as gauges. This service publishes them instead of the consumer, so that
 * the lag of a dead consumer remains visible. The gauges have no values while Kafka is unavailable.
 */
@Component
final class KafkaGauges {
    private static final Logger log = LoggerFactory.getLogger(KafkaGauges.class);

    private final KafkaClients kafka;
    private final LagCalculator lag;
    private final MultiGauge lagGauge;
    private final MultiGauge openGauge;
    private boolean available = true;

    KafkaGauges(KafkaClients kafka, LagCalculator lag, MeterRegistry registry) {
        this.kafka = kafka;
        this.lag = lag;
        this.lagGauge = MultiGauge.builder("kafka_consumergroup_lag")
                .description("Offsets from the first unread record of the group to the last stable offset")
                .register(registry);
        this.openGauge = MultiGauge.builder("kafka_open_transaction_offsets")
                .description("End offset minus last stable offset, while transactions are open")
                .register(registry);
    }

    @Scheduled(fixedDelayString = "${onlyonce.query.metrics-interval}")
    void refresh() {
        try {
            lagGauge.register(
                    lag.calculate().consumerGroups().stream()
                            .flatMap(KafkaGauges::rows)
                            .toList(),
                    true);
            openGauge.register(openRows(), true);
            available = true;
        } catch (UnavailableException e) {
            if (available) {
                log.warn("Lag is unavailable cause=\"{}\"", e.getReason());
            }
            available = false;
            lagGauge.register(List.of());
            openGauge.register(List.of());
        }
    }

    private static Stream<Row<?>> rows(LagCalculator.GroupLag group) {
        return group.partitions().stream()
                .map(partition -> Row.of(
                        Tags.of(
                                "consumergroup", group.consumerGroup(),
                                "topic", partition.topic(),
                                "partition", Integer.toString(partition.partition())),
                        partition.lag()));
    }

    private List<Row<?>> openRows() {
        return kafka.offsets(kafka.partitions(Topics.ALL::contains)).entrySet().stream()
                .<Row<?>>map(entry -> Row.of(
                        Tags.of(
                                "topic", entry.getKey().topic(),
                                "partition", Integer.toString(entry.getKey().partition())),
                        entry.getValue().open()))
                .toList();
    }
}
