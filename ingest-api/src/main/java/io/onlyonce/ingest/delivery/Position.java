package io.onlyonce.ingest.delivery;

/**
 * Where a record stands in the topic.
 *
 * @param offset null where nobody waited to learn it (acks=0)
 */
public record Position(int partition, Long offset) {}
