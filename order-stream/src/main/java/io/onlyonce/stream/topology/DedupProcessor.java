package io.onlyonce.stream.topology;

import io.onlyonce.model.DecodedOrder;
import io.onlyonce.model.DuplicateOrder;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderDigest;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrderWriter;
import java.time.Instant;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Accepts the first order with an order_id, and rejects all further ones within the retention. A rejected order with other
 * content than the first one is a conflict.
 */
final class DedupProcessor implements Processor<byte[], DecodedOrder, byte[], byte[]> {
    private final TopologySettings settings;
    private final OrderListener listener;
    private final ProcessedOrderWriter writer;
    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<Bytes, byte[]> seenOrders;

    DedupProcessor(TopologySettings settings, OrderListener listener) {
        this.settings = settings;
        this.listener = listener;
        this.writer =
                new ProcessedOrderWriter(settings.consumerId(), settings.mode().processing());
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        this.context = context;
        this.seenOrders = context.getStateStore(OrderTopology.SEEN_ORDERS);
        context.schedule(
                SeenOrdersSweep.INTERVAL,
                PunctuationType.WALL_CLOCK_TIME,
                new SeenOrdersSweep(seenOrders, settings.retention(), this::now));
    }

    @Override
    public void process(Record<byte[], DecodedOrder> record) {
        RecordMetadata source = context.recordMetadata().orElseThrow();
        if (settings.mode().deduplicating()) {
            Bytes id = Bytes.wrap(record.key());
            long now = now();
            long digest = OrderDigest.of(record.value().order());
            byte[] entry = seenOrders.get(id);
            if (entry != null) {
                SeenOrder first = SeenOrder.fromBytes(entry);
                if (now < first.expiresAt(settings.retention())) {
                    reject(record, source, first, digest);
                    return;
                }
            }
            seenOrders.put(
                    id,
                    SeenOrder.at(record.timestamp(), source.offset(), now, digest)
                            .toBytes());
        }
        accept(record, source);
    }

    /**
     * The clock of the dedup store: the task's stream time, limited by the system time. An order_id expires only if both
     * clocks have passed its expiry.
     *
     * <p>With stream time alone, one record from a producer whose clock runs ahead would expire the whole store. With
     * system time alone, entries would expire while a backlog is still unread.
     *
     * @return milliseconds since 1970, or a negative number if the task has not read a record yet
     */
    private long now() {
        return Math.min(context.currentStreamTimeMs(), context.currentSystemTimeMs());
    }

    private void accept(Record<byte[], DecodedOrder> record, RecordMetadata source) {
        byte[] processed =
                writer.write(record.value(), context.currentSystemTimeMs(), source.partition(), source.offset());
        context.forward(record.withValue(processed), OrderTopology.PROCESSED_SINK);
        listener.processed(record, source, settings.mode().processing());
    }

    /** Keeps the order if its content differs from the first order's: it exists nowhere else downstream. */
    private void reject(Record<byte[], DecodedOrder> record, RecordMetadata source, SeenOrder first, long digest) {
        Order order = record.value().order();
        boolean conflict = first.conflictsWith(digest);
        DuplicateOrder duplicate = new DuplicateOrder(
                order.orderId(),
                source.partition(),
                source.offset(),
                Instant.ofEpochMilli(first.timestamp()),
                first.offset(),
                Instant.ofEpochMilli(context.currentSystemTimeMs()),
                settings.consumerId(),
                conflict ? order : null);
        context.forward(record.withValue(OrderJson.write(duplicate)), OrderTopology.DUPLICATES_SINK);
        if (conflict) {
            listener.conflict(record, source, first);
        } else {
            listener.duplicate(record, source, first);
        }
    }
}
