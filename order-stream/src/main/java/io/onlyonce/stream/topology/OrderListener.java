package io.onlyonce.stream.topology;

import io.onlyonce.model.ProcessingMode;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * Receives the result of every message, after its output was forwarded and before the commit. If the transaction is
 * aborted, the message is processed and reported again. The stream threads call it concurrently.
 */
public interface OrderListener {
    void processed(Record<byte[], ?> record, RecordMetadata source, ProcessingMode mode);

    void duplicate(Record<byte[], ?> record, RecordMetadata source, SeenOrder first);

    /** Receives a duplicate with other content. {@link #duplicate} is not called for it. */
    void conflict(Record<byte[], ?> record, RecordMetadata source, SeenOrder first);

    void deadLetter(Record<byte[], ?> record, RecordMetadata source, String reason);
}
