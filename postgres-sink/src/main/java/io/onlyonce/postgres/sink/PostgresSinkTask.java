package io.onlyonce.postgres.sink;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the records of its partitions. The task continues at the stored offsets, not at the offsets of the consumer
 * group. {@link #preCommit} copies the stored offsets to the group, for tools that show the lag.
 *
 * <p>The task claims a partition in the first {@link #put} after the assignment of the partition. It claims the
 * partition again after every failure, because a commit whose response was lost may have succeeded. The task does not
 * claim partitions in {@link #open}: Connect can retry {@link #put} after an exception, but an exception of
 * {@link #open} ends the task.
 */
public final class PostgresSinkTask extends SinkTask {
    private static final Logger log = LoggerFactory.getLogger(PostgresSinkTask.class);

    private PostgresSinkConfig config;
    private OffsetTable offsets;
    private TopicBounds bounds;
    private Session session;
    private BatchWriter writer;

    private final Set<TopicPartition> unclaimed = new HashSet<>();
    /** Positions of the claimed partitions. */
    private final Map<TopicPartition, OffsetTable.Position> positions = new HashMap<>();
    /** Partitions whose consumer Connect rewinds before the next {@link #put}. */
    private final Set<TopicPartition> rewinding = new HashSet<>();

    @Override
    public String version() {
        return new PostgresSinkConnector().version();
    }

    @Override
    public void start(Map<String, String> props) {
        config = new PostgresSinkConfig(props);
        config.tables();
        offsets = new OffsetTable(config);
        bounds = new TopicBounds(config);
    }

    @Override
    public void open(Collection<TopicPartition> partitions) {
        partitions.forEach(this::disclaim);
    }

    @Override
    public void close(Collection<TopicPartition> partitions) {
        partitions.forEach(this::disclaim);
        unclaimed.removeAll(partitions);
    }

    @Override
    public void stop() {
        closeSession();
        if (bounds != null) {
            bounds.close();
        }
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        rewinding.clear();
        try {
            connect();
            claim(firstOffsets(records));
            writer.write(session, unwritten(records), positions);
        } catch (SQLException e) {
            claimAgain();
            if (SqlErrors.isTransient(e)) {
                throw new RetriableException("The database is not available: " + e.getMessage(), e);
            }
            throw new ConnectException("The database refused a batch: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            claimAgain();
            throw e;
        }
    }

    /** Returns the stored offsets, which Connect commits to the consumer group. */
    @Override
    public Map<TopicPartition, OffsetAndMetadata> preCommit(Map<TopicPartition, OffsetAndMetadata> currentOffsets) {
        storeTrailingOffsets(currentOffsets);
        Map<TopicPartition, OffsetAndMetadata> stored = new HashMap<>();
        currentOffsets.forEach((partition, current) -> Optional.ofNullable(positions.get(partition))
                .ifPresent(position -> stored.put(partition, new OffsetAndMetadata(position.next()))));
        return stored;
    }

    /**
     * Advances the stored offsets past the last records of a partition if the converter has sent these records to the
     * dead-letter topic. Such records never reach {@link #put}.
     */
    private void storeTrailingOffsets(Map<TopicPartition, OffsetAndMetadata> currentOffsets) {
        List<OffsetTable.Range> ranges = new ArrayList<>();
        currentOffsets.forEach((partition, current) -> {
            OffsetTable.Position position = positions.get(partition);
            if (position != null && current.offset() > position.next() && !rewinding.contains(partition)) {
                ranges.add(new OffsetTable.Range(partition, position, current.offset()));
            }
        });
        if (ranges.isEmpty()) {
            return;
        }
        try {
            writer.advance(session, ranges);
            session.commit();
            ranges.forEach(
                    range -> positions.put(range.partition(), range.position().advancedTo(range.next())));
        } catch (SQLException | RetriableException e) {
            log.info("Trailing offsets are stored later connector={} cause=\"{}\"", config.connector(), e.getMessage());
            claimAgain();
        }
    }

    private void connect() throws SQLException {
        if (session != null) {
            return;
        }
        session = Session.open(config);
        offsets.createIfMissing(session);
        Map<String, List<TargetTable>> tablesByTopic = new HashMap<>();
        for (PostgresSinkConfig.Table table : config.tables()) {
            TargetTable target = TargetTable.describe(session, table);
            table.topics()
                    .forEach(topic -> tablesByTopic
                            .computeIfAbsent(topic, key -> new ArrayList<>())
                            .add(target));
        }
        session.commit();
        writer = new BatchWriter(offsets, tablesByTopic, Optional.ofNullable(context.errantRecordReporter()));
    }

    /**
     * Claims the partitions that are not claimed yet.
     *
     * @param firstOffsets offset of the first record of each partition in the current {@link #put}
     */
    private void claim(Map<TopicPartition, Long> firstOffsets) throws SQLException {
        if (unclaimed.isEmpty()) {
            return;
        }
        Map<TopicPartition, TopicBounds.Bounds> topicBounds = bounds.of(unclaimed);
        for (TopicPartition partition : List.copyOf(unclaimed)) {
            OffsetTable.Claim claim = offsets.claim(session, partition);
            if (claim.next().isPresent()) {
                TopicBounds.check(partition, claim.next().getAsLong(), topicBounds.get(partition));
                continueAt(partition, claim, claim.next().getAsLong(), firstOffsets.get(partition));
            } else if (config.startsAtBeginning()) {
                continueAt(partition, claim, topicBounds.get(partition).begin(), firstOffsets.get(partition));
            } else if (firstOffsets.containsKey(partition)) {
                continueAt(partition, claim, firstOffsets.get(partition), firstOffsets.get(partition));
            } else {
                // The offset of the group is not known before the first record arrives. The task claims the partition
                // again then.
                continue;
            }
            unclaimed.remove(partition);
        }
    }

    private void continueAt(TopicPartition partition, OffsetTable.Claim claim, long next, Long firstAtHand) {
        Long stored = claim.next().isPresent() ? claim.next().getAsLong() : null;
        positions.put(partition, new OffsetTable.Position(claim.epoch(), stored, next));
        if (firstAtHand == null || firstAtHand > next) {
            // Records may lie between the stored offset and those at hand, which are therefore read again.
            context.offset(partition, next);
            rewinding.add(partition);
        }
        log.info(
                "Claimed connector={} partition={} epoch={} next_offset={}",
                config.connector(),
                partition,
                claim.epoch(),
                next);
    }

    /** Returns the records that are not stored yet. Omits records of partitions that Connect will rewind. */
    private List<SinkRecord> unwritten(Collection<SinkRecord> records) {
        List<SinkRecord> unwritten = new ArrayList<>(records.size());
        for (SinkRecord record : records) {
            TopicPartition partition = partition(record);
            OffsetTable.Position position = positions.get(partition);
            if (position != null && record.originalKafkaOffset() >= position.next() && !rewinding.contains(partition)) {
                unwritten.add(record);
            }
        }
        return unwritten;
    }

    private static Map<TopicPartition, Long> firstOffsets(Collection<SinkRecord> records) {
        Map<TopicPartition, Long> first = new HashMap<>();
        records.forEach(record -> first.putIfAbsent(partition(record), record.originalKafkaOffset()));
        return first;
    }

    private static TopicPartition partition(SinkRecord record) {
        return new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
    }

    private void disclaim(TopicPartition partition) {
        positions.remove(partition);
        rewinding.remove(partition);
        unclaimed.add(partition);
    }

    /**
     * Closes the session, and causes the next {@link #put} to claim all partitions again. After a failure, the task
     * does not know whether the last transaction was committed, so it must read the stored offsets in a new session.
     */
    private void claimAgain() {
        closeSession();
        List.copyOf(positions.keySet()).forEach(this::disclaim);
    }

    private void closeSession() {
        if (session != null) {
            session.close();
            session = null;
        }
    }
}
