package io.onlyonce.bench.stack;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.onlyonce.bench.BaselineJvm;
import io.onlyonce.bench.stack.TextbookIngest.Order;
import io.onlyonce.bench.stream.WindowStoreDedup;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;
import org.springframework.kafka.support.serializer.JacksonJsonSerde;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * The stream of a tutorial: the Streams DSL with JSON serdes, and a processor that looks for each order in a window store over
 * the whole retention. All settings except the processing guarantee are the defaults of Kafka.
 */
public final class TextbookStream {
    private static final String STORE = "seen";

    private TextbookStream() {}

    /** The fields of a record in {@code orders.processed}. */
    record Processed(
            @JsonUnwrapped Order order,
            String status,
            Instant processedAt,
            String consumerId,
            String processingMode,
            int partition,
            long offset) {}

    /** @param args bootstrap servers, state directory */
    public static void main(String[] args) throws InterruptedException {
        BaselineJvm.exitWithParent();
        JsonMapper mapper = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build();
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(Stores.windowStoreBuilder(
                Stores.persistentWindowStore(STORE, WindowStoreDedup.RETENTION, WindowStoreDedup.RETENTION, false),
                Serdes.String(),
                Serdes.Long()));
        builder.stream(Topics.ORDERS, Consumed.with(Serdes.String(), new JacksonJsonSerde<Order>(Order.class, mapper)))
                .processValues(Deduplication::new, STORE)
                .to(
                        Topics.PROCESSED,
                        Produced.with(Serdes.String(), new JacksonJsonSerde<Processed>(Processed.class, mapper)));
        Properties config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, "textbook");
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
        config.put(StreamsConfig.STATE_DIR_CONFIG, args[1]);
        config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        new KafkaStreams(builder.build(), config).start();
        Thread.currentThread().join();
    }

    private static final class Deduplication implements FixedKeyProcessor<String, Order, Processed> {
        private FixedKeyProcessorContext<String, Processed> context;
        private WindowStore<String, Long> seen;

        @Override
        public void init(FixedKeyProcessorContext<String, Processed> context) {
            this.context = context;
            this.seen = context.getStateStore(STORE);
        }

        @Override
        public void process(FixedKeyRecord<String, Order> record) {
            if (!WindowStoreDedup.isNew(seen, record.key(), record.timestamp())) {
                return;
            }
            RecordMetadata source = context.recordMetadata().orElseThrow();
            context.forward(record.withValue(new Processed(
                    record.value(),
                    ProcessedOrder.STATUS,
                    Instant.now().truncatedTo(ChronoUnit.MICROS),
                    "textbook",
                    ProcessingMode.EXACTLY_ONCE.wireName(),
                    source.partition(),
                    source.offset())));
        }
    }
}
