package io.onlyonce.bench.stream;

import java.util.function.BiFunction;
import org.apache.kafka.streams.KeyValue;

/**
 * The changelog of a dedup store, from which a stream restores its store.
 *
 * @param changelog name of the topic
 * @param record the changelog record for an order_id and the time in epoch milliseconds when it was first seen
 */
record DedupStore(String changelog, BiFunction<byte[], Long, KeyValue<byte[], byte[]>> record) {}
