package io.onlyonce.bench.ingest;

import static java.util.Map.entry;

import io.onlyonce.bench.BaselineJvm;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.Topics;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.http.MediaType;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/**
 * The usual implementation of POST /orders: one transaction per request with spring-kafka's KafkaTemplate, which keeps a
 * producer for each concurrent request. The server, the threads, the JSON and the response are those of the ingest API.
 * Metrics, traces and the other features of the ingest API are left out, which favors this baseline.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@RestController
public class TransactionPerRequest {
    private final KafkaTemplate<byte[], byte[]> kafka;

    TransactionPerRequest(KafkaTemplate<byte[], byte[]> kafka) {
        this.kafka = kafka;
    }

    /** @param args port, bootstrap servers */
    public static void main(String[] args) {
        BaselineJvm.exitWithParent();
        SpringApplication application = new SpringApplication(TransactionPerRequest.class);
        application.setDefaultProperties(Map.ofEntries(
                entry("server.address", "127.0.0.1"),
                entry("server.port", args[0]),
                entry("bench.bootstrap-servers", args[1]),
                entry("spring.main.banner-mode", "off"),
                entry("spring.threads.virtual.enabled", "true"),
                entry("spring.jackson.property-naming-strategy", "SNAKE_CASE")));
        application.run();
    }

    /** All other settings are the defaults of spring-kafka and Kafka. */
    @Bean
    static KafkaTemplate<byte[], byte[]> template(@Value("${bench.bootstrap-servers}") String bootstrapServers) {
        var factory = new DefaultKafkaProducerFactory<byte[], byte[]>(Map.ofEntries(
                entry(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                entry(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class),
                entry(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class),
                entry(ProducerConfig.ACKS_CONFIG, "all")));
        factory.setTransactionIdPrefix("txn-per-request-");
        return new KafkaTemplate<>(factory);
    }

    record Accepted(
            String status,
            String orderId,
            String deliveryMode,
            String traceId,
            BigDecimal latencyMs,
            String topic,
            int partition,
            long offset) {}

    @PostMapping(path = "/orders", consumes = MediaType.APPLICATION_JSON_VALUE)
    Accepted accept(@RequestBody byte[] body) {
        long start = System.nanoTime();
        String traceId = UUID.randomUUID().toString().replace("-", "");
        var draft = OrderJson.readDraft(body);
        Order order = draft.toOrder(draft.orderId(), Instant.now());
        var record = new ProducerRecord<>(Topics.ORDERS, utf8(order.orderId()), OrderJson.write(order));
        record.headers().add("traceparent", utf8("00-" + traceId + "-0000000000000001-01"));
        // Returns after the commit, so the record is already written.
        RecordMetadata written = kafka.executeInTransaction(operations -> operations.send(record))
                .join()
                .getRecordMetadata();
        return new Accepted(
                "accepted",
                order.orderId(),
                "exactly-once",
                traceId,
                BigDecimal.valueOf(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start), 3),
                written.topic(),
                written.partition(),
                written.offset());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
