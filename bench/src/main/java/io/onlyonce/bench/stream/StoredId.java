package io.onlyonce.bench.stream;

import org.apache.kafka.streams.KeyValue;

/** How a memory of ids keeps one of them in its changelog. */
@FunctionalInterface
interface StoredId {
    /**
     * @param id an order_id
     * @param seenAt in milliseconds since 1970
     */
    KeyValue<byte[], byte[]> of(byte[] id, long seenAt);
}
