package io.onlyonce.bench.stream;

import io.onlyonce.bench.BaselineJvm;
import io.onlyonce.bench.stream.OrderPreload.DedupStore;
import io.onlyonce.model.DecodedOrder;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrderWriter;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;
import org.apache.kafka.streams.state.internals.WindowKeySchema;

/**
 * The usual deduplication with Kafka Streams: for each record, fetches its id from a window store over the whole retention.
 * The JSON, the commit interval, the threads and the client settings are those of the shipped stream. The store has Kafka's
 * default settings.
 */
public final class WindowStoreDedup {
    public static final Duration RETENTION = Duration.ofDays(7);
    private static final String STORE = "seen";

    private WindowStoreDedup() {}

    static DedupStore store(String group) {
        return new DedupStore(
                group + "-" + STORE + "-changelog",
                (id, seenAt) -> KeyValue.pair(
                        WindowKeySchema.toStoreKeyBinary(Bytes.wrap(id), seenAt, 0)
                                .get(),
                        ByteBuffer.allocate(Long.BYTES).putLong(seenAt).array()));
    }

    /** @param args bootstrap servers, group, state directory, and the number of ids that must be restored */
    public static void main(String[] args) throws InterruptedException {
        BaselineJvm.exitWithParent();
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(Stores.windowStoreBuilder(
                Stores.persistentWindowStore(STORE, RETENTION, RETENTION, false), Serdes.ByteArray(), Serdes.Long()));
        builder.stream(Topics.ORDERS, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
                .process(Dedup::new, STORE)
                .to(Topics.PROCESSED, Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
        Properties config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, args[1]);
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
        config.put(StreamsConfig.STATE_DIR_CONFIG, args[2]);
        config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, StreamClients.COMMIT_INTERVAL.toMillis());
        config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        StreamClients.PRODUCER.forEach((key, value) -> config.put(StreamsConfig.producerPrefix(key), value));
        StreamClients.CONSUMER.forEach((key, value) -> config.put(StreamsConfig.mainConsumerPrefix(key), value));
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        KafkaStreams streams = new KafkaStreams(builder.build(), config);
        RestoredIds restored = new RestoredIds();
        streams.setGlobalStateRestoreListener(restored);
        streams.setStateListener((state, _) -> {
            // With a partly restored store, the rate would be that of a smaller store.
            if (state == KafkaStreams.State.RUNNING && restored.count.sum() < Long.parseLong(args[3])) {
                System.err.printf("only %,d of %s ids were restored%n", restored.count.sum(), args[3]);
                Runtime.getRuntime().halt(1);
            }
        });
        streams.start();
        Thread.currentThread().join();
    }

    /** Looks for the key in the whole retention, and stores it if it is not there. */
    public static <K> boolean isNew(WindowStore<K, Long> seen, K key, long time) {
        try (WindowStoreIterator<Long> earlier =
                seen.fetch(key, Math.max(0, time - RETENTION.toMillis()), time + RETENTION.toMillis())) {
            if (earlier.hasNext()) {
                return false;
            }
        }
        seen.put(key, time, time);
        return true;
    }

    private static final class RestoredIds implements StateRestoreListener {
        private final LongAdder count = new LongAdder();

        @Override
        public void onBatchRestored(TopicPartition changelog, String store, long endOffset, long records) {
            count.add(records);
        }

        @Override
        public void onRestoreStart(TopicPartition changelog, String store, long from, long to) {}

        @Override
        public void onRestoreEnd(TopicPartition changelog, String store, long records) {}
    }

    private static final class Dedup implements Processor<byte[], byte[], byte[], byte[]> {
        private final ProcessedOrderWriter writer =
                new ProcessedOrderWriter("window-store", ProcessingMode.EXACTLY_ONCE);
        private ProcessorContext<byte[], byte[]> context;
        private WindowStore<byte[], Long> seen;

        @Override
        public void init(ProcessorContext<byte[], byte[]> context) {
            this.context = context;
            this.seen = context.getStateStore(STORE);
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            DecodedOrder order = OrderJson.decode(record.value());
            long time = record.timestamp();
            if (!isNew(seen, record.key(), time)) {
                return;
            }
            RecordMetadata source = context.recordMetadata().orElseThrow();
            context.forward(record.withValue(
                    writer.write(order, System.currentTimeMillis(), source.partition(), source.offset())));
        }
    }
}
