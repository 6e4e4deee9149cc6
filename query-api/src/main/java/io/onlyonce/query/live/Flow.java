package io.onlyonce.query.live;

import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.ConsumerGroups;
import io.onlyonce.model.kafka.Sink;
import io.onlyonce.query.kafka.LagCalculator.LagReport;
import io.onlyonce.query.kafka.LagCalculator.PartitionLag;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The unprocessed records at each step of the pipeline.
 *
 * @param orders records of `orders` that the stream has not processed
 * @param processed records of `orders.processed` that the sink has not stored
 * @param duplicates records of `orders.duplicates` that the sink has not stored
 * @param lagSeconds age of the oldest unread record of all consumer groups; 0 if there is none
 */
record Flow(Step orders, Step processed, Step duplicates, double lagSeconds) {
    /**
     * @param waiting committed records that the next component has not read, without transaction markers; an upper bound if
     *     `offsets` is more than 2,000
     * @param open records after the last stable offset: they belong to an open transaction, or follow its first record
     * @param offsets the lag in offsets, including transaction markers; 0 if only markers and aborted records remain
     */
    record Step(long waiting, long open, long offsets) {
        long records() {
            return waiting + open;
        }
    }

    static Flow of(LagReport lag, Sink sink) {
        return new Flow(
                step(lag, ConsumerGroups.ORDER_STREAM, Topics.ORDERS),
                step(lag, ConsumerGroups.ofConnector(sink.processedMessagesConnector()), Topics.PROCESSED),
                step(lag, ConsumerGroups.ofConnector(sink.duplicateMessagesConnector()), Topics.DUPLICATES),
                lag.lagSeconds());
    }

    private static Step step(LagReport lag, String group, String topic) {
        List<PartitionLag> partitions = lag.consumerGroups().stream()
                .filter(candidate -> candidate.consumerGroup().equals(group))
                .flatMap(candidate -> candidate.partitions().stream())
                .filter(partition -> partition.topic().equals(topic))
                .toList();
        return new Step(
                sum(partitions, PartitionLag::recordsWaiting),
                sum(partitions, PartitionLag::recordsInOpenTransactions),
                sum(partitions, PartitionLag::lag));
    }

    private static long sum(List<PartitionLag> partitions, ToLongFunction<PartitionLag> value) {
        return partitions.stream().mapToLong(value).sum();
    }
}
