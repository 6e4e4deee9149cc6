package io.onlyonce.stream.topology;

import io.onlyonce.model.DeadLetter;
import io.onlyonce.model.DecodedOrder;
import io.onlyonce.model.InvalidOrderException;
import io.onlyonce.model.OrderJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Decodes and validates an order. Forwards an invalid record to the dead-letter topic. */
final class DecodeProcessor implements Processor<byte[], byte[], byte[], Object> {
    private final OrderListener listener;
    private ProcessorContext<byte[], Object> context;

    DecodeProcessor(OrderListener listener) {
        this.listener = listener;
    }

    @Override
    public void init(ProcessorContext<byte[], Object> context) {
        this.context = context;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        DecodedOrder order;
        try {
            order = decode(record);
        } catch (InvalidOrderException e) {
            RecordMetadata source = context.recordMetadata().orElseThrow();
            Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
            context.forward(DeadLetters.of(record, source, e.getMessage(), now), OrderTopology.DEAD_LETTER_SINK);
            listener.deadLetter(record, source, e.getMessage());
            return;
        }
        context.forward(record.withValue((Object) order), OrderTopology.DEDUP);
    }

    private static DecodedOrder decode(Record<byte[], byte[]> record) {
        if (DeadLetters.isTooLarge(record)) {
            throw new InvalidOrderException(
                    "", "the record is larger than " + DeadLetter.MAX_ORIGINAL_BYTES + " bytes");
        }
        DecodedOrder decoded = OrderJson.decode(record.value());
        // The key determines the partition, and each partition has its own dedup store. A duplicate under another key
        // would be emitted.
        if (!Arrays.equals(decoded.order().orderId().getBytes(StandardCharsets.UTF_8), record.key())) {
            throw new InvalidOrderException("order_id", "is not the record's key");
        }
        return decoded;
    }
}
