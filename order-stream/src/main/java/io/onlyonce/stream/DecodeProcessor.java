package io.onlyonce.stream;

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

/** Reads an order, or makes a dead letter of what is none. */
final class DecodeProcessor implements Processor<byte[], byte[], byte[], Object> {
    private final Faults faults;
    private final OrderJournal journal;
    private ProcessorContext<byte[], Object> context;

    DecodeProcessor(Faults faults, OrderJournal journal) {
        this.faults = faults;
        this.journal = journal;
    }

    @Override
    public void init(ProcessorContext<byte[], Object> context) {
        this.context = context;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        RecordMetadata source = context.recordMetadata().orElseThrow();
        faults.beforeProcessing(source);
        DecodedOrder order;
        try {
            order = decode(record);
        } catch (InvalidOrderException e) {
            Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
            context.forward(DeadLetters.of(record, source, e.getMessage(), now), OrderTopology.DEAD_LETTER_SINK);
            journal.deadLetter(record, source, e.getMessage());
            faults.afterProcessing(record, source);
            return;
        }
        context.forward(record.withValue((Object) order), OrderTopology.DEDUP);
        // A forward returns when the record has been through the topology, and its output is with the producer.
        faults.afterProcessing(record, source);
        if (faults.wantsCommit()) {
            context.commit();
        }
    }

    private static DecodedOrder decode(Record<byte[], byte[]> record) {
        if (DeadLetters.isTooLarge(record)) {
            throw new InvalidOrderException(
                    "", "the record is larger than " + DeadLetter.MAX_ORIGINAL_BYTES + " bytes");
        }
        DecodedOrder decoded = OrderJson.decode(record.value());
        // The key decides the partition, and so which memory is asked: another one would let a duplicate through.
        if (!Arrays.equals(utf8(decoded.order().orderId()), record.key())) {
            throw new InvalidOrderException("order_id", "is not the record's key");
        }
        return decoded;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
