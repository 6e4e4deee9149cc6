package io.onlyonce.ingest.delivery;

import java.util.List;
import org.apache.kafka.clients.producer.RecordMetadata;

/** The result of a {@link PendingRequest}. */
public sealed interface Outcome {
    /**
     * The records are as durable as the delivery mode guarantees: committed, acknowledged, or sent.
     *
     * @param metadata one element per record, in the order of the request; with {@code acks=0} it has no offset
     */
    record Written(List<RecordMetadata> metadata) implements Outcome {}

    /** The records are not known to be durable. */
    sealed interface Failure extends Outcome {
        String reason();
    }

    /** A record is too large. Nothing was written, and a retry fails again. */
    record Refused(String reason) implements Failure {}

    /** No record is readable, now or later. A retry is safe and can succeed. */
    record NotWritten(String reason) implements Failure {}

    /** The records may have been written. A retry with the same order_id is safe: order-stream rejects the duplicate. */
    record Unknown(String reason) implements Failure {}
}
