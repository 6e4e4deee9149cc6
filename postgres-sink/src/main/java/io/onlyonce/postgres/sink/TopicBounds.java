package io.onlyonce.postgres.sink;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;

/** Looks up the first and the last offset of partitions, to detect a stored offset that is outside the topic. */
final class TopicBounds implements AutoCloseable {
    private static final long TIMEOUT_S = 10;

    /**
     * @param begin offset of the first record that still exists
     * @param end offset after the last record
     */
    record Bounds(long begin, long end) {}

    private final Admin admin;

    TopicBounds(PostgresSinkConfig config) {
        admin = Admin.create(config.kafkaClient());
    }

    Map<TopicPartition, Bounds> of(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetSpec> first = new HashMap<>();
        Map<TopicPartition, OffsetSpec> last = new HashMap<>();
        for (TopicPartition partition : partitions) {
            first.put(partition, OffsetSpec.earliest());
            last.put(partition, OffsetSpec.latest());
        }
        try {
            Map<TopicPartition, ListOffsetsResultInfo> begins =
                    admin.listOffsets(first).all().get(TIMEOUT_S, TimeUnit.SECONDS);
            Map<TopicPartition, ListOffsetsResultInfo> ends =
                    admin.listOffsets(last).all().get(TIMEOUT_S, TimeUnit.SECONDS);
            Map<TopicPartition, Bounds> bounds = new HashMap<>();
            for (TopicPartition partition : partitions) {
                bounds.put(
                        partition,
                        new Bounds(
                                begins.get(partition).offset(),
                                ends.get(partition).offset()));
            }
            return bounds;
        } catch (ExecutionException | TimeoutException e) {
            throw new RetriableException("Cannot look up the offsets of " + partitions, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConnectException("Interrupted while looking up offsets", e);
        }
    }

    /**
     * Checks that the stored offset is inside the bounds of the partition.
     *
     * @throws ConnectException if the stored offset is outside the bounds, because records are missing
     */
    static void check(TopicPartition partition, long stored, Bounds bounds) {
        String remedy = ". Nothing was skipped: restore the missing records, or set the offset from which to continue"
                + " with PATCH /connectors/NAME/offsets";
        if (stored > bounds.end()) {
            throw new ConnectException("The stored offset of %s is %d, but the topic ends at %d (was it recreated?)%s"
                    .formatted(partition, stored, bounds.end(), remedy));
        }
        if (stored < bounds.begin()) {
            throw new ConnectException(
                    "The stored offset of %s is %d, but the topic begins at %d (records were deleted by retention)%s"
                            .formatted(partition, stored, bounds.begin(), remedy));
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
