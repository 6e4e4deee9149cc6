package io.onlyonce.query.kafka;

import java.util.List;

/**
 * How far a group is behind.
 *
 * @param consumerGroup the group
 * @param totalLag over its partitions
 */
record GroupLag(String consumerGroup, long totalLag, List<PartitionLag> partitions) {
    GroupLag(String consumerGroup, List<PartitionLag> partitions) {
        this(consumerGroup, partitions.stream().mapToLong(PartitionLag::lag).sum(), partitions);
    }

    /**
     * @param committedOffset the next offset the group will read; null where it never committed, and will begin at the
     *     log's start
     * @param lag offsets from the first record the group has still to read up to the last stable one; 0 where no record
     *     is left, although transaction markers or aborted records may be
     */
    record PartitionLag(
            String topic, int partition, Long committedOffset, long logStartOffset, long lastStableOffset, long lag) {}
}
