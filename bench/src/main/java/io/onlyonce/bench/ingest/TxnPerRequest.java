package io.onlyonce.bench.ingest;

import io.onlyonce.bench.Jvm;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderDraft;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.Topics;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
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
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/**
 * POST /orders as most would write it: a transaction a request, through spring-kafka's template, which keeps a producer
 * for each request that runs at a time. Server, threads, JSON and answer are those of the ingest API; what that has
 * beside (metrics, traces, an intake that can be paused), this one is spared.
 */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({TxnPerRequest.Controller.class, TxnPerRequest.DraftReader.class})
public class TxnPerRequest {
    private static final String DELIVERY_MODE = "exactly-once";

    /** @param args port, bootstrap servers */
    public static void main(String[] args) {
        Jvm.endWithParent();
        SpringApplication application = new SpringApplication(TxnPerRequest.class);
        application.setDefaultProperties(Map.of(
                "server.address", "127.0.0.1",
                "server.port", args[0],
                "bench.bootstrap-servers", args[1],
                "spring.main.banner-mode", "off",
                "spring.threads.virtual.enabled", "true",
                "spring.jackson.property-naming-strategy", "SNAKE_CASE"));
        application.run();
    }

    @Bean
    KafkaTemplate<byte[], byte[]> template(@Value("${bench.bootstrap-servers}") String bootstrapServers) {
        // What spring-kafka and Kafka do by themselves, apart from what is named here.
        var factory = new DefaultKafkaProducerFactory<byte[], byte[]>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class,
                ProducerConfig.ACKS_CONFIG,
                "all"));
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

    @RestController
    static class Controller {
        private final KafkaTemplate<byte[], byte[]> kafka;

        Controller(KafkaTemplate<byte[], byte[]> kafka) {
            this.kafka = kafka;
        }

        @PostMapping(path = "/orders", consumes = MediaType.APPLICATION_JSON_VALUE)
        Accepted accept(@RequestBody OrderDraft draft) {
            long start = System.nanoTime();
            String traceId = UUID.randomUUID().toString().replace("-", "");
            Order order = draft.toOrder(draft.orderId(), Instant.now());
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                    Topics.ORDERS, order.orderId().getBytes(StandardCharsets.UTF_8), OrderJson.write(order));
            record.headers()
                    .add("traceparent", ("00-" + traceId + "-0000000000000001-01").getBytes(StandardCharsets.US_ASCII));
            // Returns after the commit, which has waited for the record.
            RecordMetadata written = kafka.executeInTransaction(operations -> operations.send(record))
                    .join()
                    .getRecordMetadata();
            return new Accepted(
                    "accepted",
                    order.orderId(),
                    DELIVERY_MODE,
                    traceId,
                    BigDecimal.valueOf(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start), 3),
                    written.topic(),
                    written.partition(),
                    written.offset());
        }
    }

    /** The reader that the ingest API has. */
    static class DraftReader implements HttpMessageConverter<OrderDraft> {
        @Override
        public boolean canRead(Class<?> type, MediaType mediaType) {
            return type == OrderDraft.class;
        }

        @Override
        public boolean canWrite(Class<?> type, MediaType mediaType) {
            return false;
        }

        @Override
        public List<MediaType> getSupportedMediaTypes() {
            return List.of();
        }

        @Override
        public List<MediaType> getSupportedMediaTypes(Class<?> type) {
            return canRead(type, null) ? List.of(MediaType.APPLICATION_JSON) : List.of();
        }

        @Override
        public OrderDraft read(Class<? extends OrderDraft> type, HttpInputMessage message) throws IOException {
            return OrderJson.readDraft(message.getBody().readAllBytes());
        }

        @Override
        public void write(OrderDraft draft, MediaType contentType, HttpOutputMessage message) {
            throw new UnsupportedOperationException("reads only");
        }
    }
}
