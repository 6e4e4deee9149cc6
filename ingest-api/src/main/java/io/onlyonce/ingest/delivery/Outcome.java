package io.onlyonce.ingest.delivery;

import java.util.List;

/** What became of a {@link Submission}. */
public sealed interface Outcome {
    /**
     * As durable as the mode promises: committed, acknowledged, or handed to the network.
     *
     * @param positions of the records, in their order
     */
    record Written(List<Position> positions) implements Outcome {}

    /** The broker takes no such record. Nothing was written, and sending it again will not help. */
    record Refused(String reason) implements Outcome {}

    /** For certain nothing can be read, now or later. Sending it again is safe, and may help. */
    record NotWritten(String reason) implements Outcome {}

    /** It may have been written. Sending it again with the same order_id is safe: the stream rejects the second one. */
    record Unknown(String reason) implements Outcome {}
}
