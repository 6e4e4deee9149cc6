package io.onlyonce.verifier.load;

/** The outcome of a request to the ingest API, as far as a client can know it. */
public sealed interface IngestResponse {
    /** @param partition partition of the order in {@code orders}; -1 if the response does not contain it (batches) */
    record Acknowledged(int partition) implements IngestResponse {}

    /** The orders were rejected with a 4xx response. */
    record Rejected(String reason) implements IngestResponse {}

    /** No response, or a 5xx response: the orders may or may not have been committed. */
    record Unanswered() implements IngestResponse {}

    /** No connection could be opened: the orders were not sent. */
    record NotSent() implements IngestResponse {}
}
