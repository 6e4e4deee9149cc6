package io.onlyonce.query.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.onlyonce.model.Topics;
import io.onlyonce.query.SourceAge;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.KafkaClients.PartitionOffsets;
import io.onlyonce.query.kafka.LagCalculator.LagReport;
import io.onlyonce.query.kafka.LagCalculator.PartitionLag;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Publishes the lag and the open transactions as gauges. This service publishes them instead of the consumer, so that
 * the lag of a dead consumer remains visible. The gauges have no values while Kafka is unavailable, and {@link SourceAge}
 * shows for how long.
 */
@Component
final class KafkaGauges {
    private static final Logger log = LoggerFactory.getLogger(KafkaGauges.class);

    private final KafkaClients kafka;
    private final LagCalculator lag;
    private final SourceAge age;
    private final MultiGauge lagGauge;
    private final MultiGauge lagSecondsGauge;
    private final MultiGauge openOffsetsGauge;
    private final MultiGauge openRecordsGauge;
    private boolean available = true;

    KafkaGauges(KafkaClients kafka, LagCalculator lag, MeterRegistry registry) {
        this.kafka = kafka;
        this.lag = lag;
        this.age = SourceAge.register("kafka", registry);
        this.lagGauge = MultiGauge.builder("kafka_consumergroup_lag")
                .description("Offsets from the first unread record of the group to the last stable offset")
                .register(registry);
        this.lagSecondsGauge = MultiGauge.builder("kafka_consumergroup_lag_seconds")
                .description("Age of the oldest unread record of the group, also in an open transaction")
                .register(registry);
        this.openOffsetsGauge = MultiGauge.builder("kafka_open_transaction_offsets")
                .description("End offset minus last stable offset, while transactions are open")
                .register(registry);
        this.openRecordsGauge = MultiGauge.builder("kafka_open_transaction_records")
                .description("Records after the last stable offset that the group cannot read yet")
                .register(registry);
    }

    @Scheduled(fixedDelayString = "${onlyonce.query.metrics-interval}")
    void refresh() {
        try {
            LagReport report = lag.recent();
            var openOffsets = kafka.offsets(kafka.partitions(Topics.ALL::contains));
            lagGauge.register(rows(report, PartitionLag::lag), true);
            lagSecondsGauge.register(rows(report, PartitionLag::lagSeconds), true);
            openRecordsGauge.register(rows(report, PartitionLag::recordsInOpenTransactions), true);
            openOffsetsGauge.register(
                    openOffsets.entrySet().stream()
                            .<Row<?>>map(entry -> row(entry.getKey(), entry.getValue()))
                            .toList(),
                    true);
            age.update();
            available = true;
        } catch (UnavailableException e) {
            if (available) {
                log.warn("Lag is unavailable cause=\"{}\"", e.getReason());
            }
            available = false;
            Stream.of(lagGauge, lagSecondsGauge, openOffsetsGauge, openRecordsGauge)
                    .forEach(gauge -> gauge.register(List.of()));
        }
    }

    private static List<Row<?>> rows(LagReport report, ToDoubleFunction<PartitionLag> value) {
        return report.consumerGroups().stream()
                .flatMap(group -> group.partitions().stream()
                        .<Row<?>>map(partition -> Row.of(
                                Tags.of(
                                        "consumergroup", group.consumerGroup(),
                                        "topic", partition.topic(),
                                        "partition", Integer.toString(partition.partition())),
                                value.applyAsDouble(partition))))
                .toList();
    }

    private static Row<?> row(TopicPartition partition, PartitionOffsets offsets) {
        return Row.of(
                Tags.of("topic", partition.topic(), "partition", Integer.toString(partition.partition())),
                offsets.open());
    }
}
