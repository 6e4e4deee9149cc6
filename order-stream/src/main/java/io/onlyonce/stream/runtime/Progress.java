package io.onlyonce.stream.runtime;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;

/**
 * Detects partitions of which nothing is committed although records wait. Compares offsets, because a client that hangs
 * cannot report it. Not thread-safe.
 */
final class Progress {
    private final long timeoutNanos;
    private final Map<TopicPartition, Waiting> waiting = new HashMap<>();

    /** Offsets up to which transaction markers and aborted records follow the committed offset, but no record. */
    private final Map<TopicPartition, Long> empty = new HashMap<>();

    /** @param offset of the first record that is not committed */
    private record Waiting(long offset, long sinceNanos) {}

    /**
     * The offsets of one partition.
     *
     * @param next the offset of the next record to be processed
     * @param lastStable the last stable offset, where consumers of committed records stop
     */
    record Offsets(long next, long lastStable) {}

    /** Reads a partition. */
    interface Records {
        /** Returns true if the partition has a committed record at or after an offset. */
        boolean existAfter(TopicPartition partition, Offsets offsets);
    }

    Progress(Duration timeout) {
        this.timeoutNanos = timeout.toNanos();
    }

    /**
     * Returns the stalled partitions, by number.
     *
     * @param records is called for the partitions only that appear to be stalled: transaction markers have offsets as well
     */
    Set<Integer> stalled(Map<TopicPartition, Offsets> current, long nowNanos, Records records) {
        Set<Integer> stalled = new TreeSet<>();
        waiting.keySet().retainAll(current.keySet());
        empty.keySet().retainAll(current.keySet());
        current.forEach((partition, offsets) -> {
            // A topic that was created again has smaller offsets.
            empty.computeIfPresent(partition, (_, end) -> end > offsets.lastStable() ? null : end);
            long next = Math.max(offsets.next(), empty.getOrDefault(partition, 0L));
            Waiting known = waiting.get(partition);
            if (next >= offsets.lastStable()) {
                waiting.remove(partition);
            } else if (known == null || known.offset() != next) {
                waiting.put(partition, new Waiting(next, nowNanos));
            } else if (nowNanos - known.sinceNanos() > timeoutNanos) {
                if (records.existAfter(partition, new Offsets(next, offsets.lastStable()))) {
                    stalled.add(partition.partition());
                } else {
                    empty.put(partition, offsets.lastStable());
                }
            }
        });
        return stalled;
    }

    /** Restarts the measurement of the time without a commit. */
    void restart() {
        waiting.clear();
    }
}
