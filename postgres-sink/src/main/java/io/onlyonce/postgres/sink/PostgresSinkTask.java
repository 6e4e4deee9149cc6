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

    private static final long RETRY_MS = 1_000;

    private PostgresSinkConfig config;
    private OffsetTable offsets;
    private TopicBounds bounds;
    private Session session;
    private BatchWriter writer;

    private final Set<TopicPartition> unclaimed = new HashSet<>();
    /** Unclaimed partitions whose offset is neither stored nor known. */
    private final Set<TopicPartition> withoutOffset = new HashSet<>();
    /** Of the last claim since the partition was assigned. */
    private final Map<TopicPartition, Long> epochs = new HashMap<>();
    /** Of the claimed partitions. */
    private final Map<TopicPartition, OffsetTable.Position> positions = new HashMap<>();
    /** Partitions that Connect will rewind before the next put. */
    private final Set<TopicPartition> rewinding = new HashSet<>();
    /** The positions of the last check. */
    private Map<TopicPartition, OffsetTable.Position> checked = Map.of();

    private long nextCheck = System.nanoTime();
    private ConnectException failure;

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
        epochs.keySet().removeAll(partitions);
    }

    @Override
    public void close(Collection<TopicPartition> partitions) {
        partitions.forEach(this::disclaim);
        unclaimed.removeAll(partitions);
        epochs.keySet().removeAll(partitions);
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
            throwFailureOfPreCommit();
            connect();
            Map<TopicPartition, Batch> batches = Batch.of(records);
            requireContinuity(batches);
            claim(batches);
            writer.write(session, unwritten(records), positions);
        } catch (SQLException e) {
            claimAgain();
            if (SqlErrors.isTransient(e)) {
                context.timeout(RETRY_MS);
                throw new RetriableException("The database is not available: " + e.getMessage(), e);
            }
            throw new ConnectException("The database refused a batch: " + e.getMessage(), e);
        } catch (RetriableException e) {
            claimAgain();
            context.timeout(RETRY_MS);
            throw e;
        } catch (RuntimeException e) {
            claimAgain();
            throw e;
        }
    }

    /** Offsets of the first and the last record of a partition in a {@link #put}. */
    private record Batch(long first, long last) {
        static Map<TopicPartition, Batch> of(Collection<SinkRecord> records) {
            Map<TopicPartition, Batch> batches = new HashMap<>();
            for (SinkRecord record : records) {
                long offset = record.originalKafkaOffset();
                batches.merge(partition(record), new Batch(offset, offset), (a, b) -> new Batch(a.first, b.last));
            }
            return batches;
        }
    }

    /**
     * Checks that the consumer continues where the last batch ended. A consumer that is reset continues elsewhere: at the
     * beginning of a recreated topic, or after records that retention has deleted.
     */
    private void requireContinuity(Map<TopicPartition, Batch> batches) {
        Set<TopicPartition> gaps = new HashSet<>();
        batches.forEach((partition, batch) -> {
            OffsetTable.Position position = positions.get(partition);
            if (position != null && batch.first() < position.next()) {
                throw new RetriableException("The consumer of %s was reset from %d to %d"
                        .formatted(partition, position.next(), batch.first()));
            }
            // The marker of a transaction has one offset.
            if (position != null && batch.first() > position.next() + 1) {
                gaps.add(partition);
            }
        });
        if (!gaps.isEmpty()) {
            bounds.of(gaps)
                    .forEach((partition, current) -> TopicBounds.check(
                            partition, positions.get(partition).next(), null, current));
        }
    }

    /** Returns the stored offsets, which Connect commits to the consumer group. */
    @Override
    public Map<TopicPartition, OffsetAndMetadata> preCommit(Map<TopicPartition, OffsetAndMetadata> currentOffsets) {
        try {
            storeTrailingOffsets(currentOffsets);
            checkPositions();
        } catch (SQLException | RetriableException e) {
            log.info("Offsets are stored later connector={} cause=\"{}\"", config.connector(), e.getMessage());
            claimAgain();
        } catch (ConnectException e) {
            // Connect would not fail the task, but read all records since the last commit again.
            failure = e;
            claimAgain();
        }
        Map<TopicPartition, OffsetAndMetadata> stored = new HashMap<>();
        // Connect rejects offsets that the consumer has not reached.
        currentOffsets.forEach((partition, current) -> Optional.ofNullable(positions.get(partition))
                .map(position -> Math.min(position.next(), current.offset()))
                .ifPresent(next -> stored.put(partition, new OffsetAndMetadata(next))));
        return stored;
    }

    private void throwFailureOfPreCommit() {
        ConnectException thrown = failure;
        failure = null;
        if (thrown != null) {
            throw thrown;
        }
    }

    /**
     * Advances the stored offsets past the last records of a partition if the converter has sent these records to the
     * dead-letter topic. Such records never reach {@link #put}.
     */
    private void storeTrailingOffsets(Map<TopicPartition, OffsetAndMetadata> currentOffsets) throws SQLException {
        Map<TopicPartition, Long> next = new HashMap<>();
        currentOffsets.forEach((partition, current) -> {
            OffsetTable.Position position = positions.get(partition);
            if (position != null && current.offset() > position.next() && !rewinding.contains(partition)) {
                next.put(partition, current.offset());
            }
        });
        advance(next);
    }

    /**
     * Compares the stored offsets with the positions of this task. While a partition is idle, no write detects a restored
     * backup. Advances the offsets of idle partitions past transaction markers.
     */
    private void checkPositions() throws SQLException {
        if (positions.isEmpty() || System.nanoTime() - nextCheck < 0) {
            return;
        }
        nextCheck = System.nanoTime() + config.checkInterval().toNanos();
        List<OffsetTable.Range> unchanged = new ArrayList<>();
        positions.forEach(
                (partition, position) -> unchanged.add(new OffsetTable.Range(partition, position, position.next())));
        if (!offsets.contains(session, unchanged)) {
            throw new RetriableException("The stored offsets have changed (was a backup restored?)");
        }
        Map<TopicPartition, Long> idle = new HashMap<>();
        positions.forEach((partition, position) -> {
            if (position.equals(checked.get(partition)) && !rewinding.contains(partition)) {
                idle.put(partition, position.next());
            }
        });
        checked = Map.copyOf(positions);
        if (!idle.isEmpty()) {
            advance(bounds.afterMarkers(idle));
        }
    }

    private void advance(Map<TopicPartition, Long> next) throws SQLException {
        if (next.isEmpty()) {
            return;
        }
        List<OffsetTable.Range> ranges = new ArrayList<>();
        next.forEach(
                (partition, offset) -> ranges.add(new OffsetTable.Range(partition, positions.get(partition), offset)));
        writer.advance(session, ranges);
        session.commit();
        ranges.forEach(
                range -> positions.put(range.partition(), range.position().advancedTo(range.next())));
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

    /** Claims the partitions that are not claimed yet. */
    private void claim(Map<TopicPartition, Batch> batches) throws SQLException {
        Set<TopicPartition> candidates = new HashSet<>(unclaimed);
        candidates.removeIf(partition -> withoutOffset.contains(partition) && !batches.containsKey(partition));
        if (candidates.isEmpty()) {
            return;
        }
        Map<TopicPartition, TopicBounds.Bounds> topicBounds = bounds.of(candidates);
        for (TopicPartition partition : candidates) {
            TopicBounds.Bounds current = topicBounds.get(partition);
            OffsetTable.Claim claim = offsets.claim(session, partition, current.topicId(), epochs.get(partition));
            epochs.put(partition, claim.epoch());
            Batch batch = batches.get(partition);
            if (claim.next().isPresent()) {
                TopicBounds.check(partition, claim.next().getAsLong(), claim.topicId(), current);
                continueAt(partition, claim, claim.next().getAsLong(), batch);
            } else if (config.startsAtBeginning()) {
                continueAt(partition, claim, current.begin(), batch);
            } else if (batch != null) {
                continueAt(partition, claim, batch.first(), batch);
            } else {
                // The first record will show the offset of the group.
                withoutOffset.add(partition);
            }
        }
    }

    private void continueAt(TopicPartition partition, OffsetTable.Claim claim, long next, Batch batch) {
        Long stored = claim.next().isPresent() ? claim.next().getAsLong() : null;
        positions.put(partition, new OffsetTable.Position(claim.epoch(), stored, next));
        unclaimed.remove(partition);
        if (batch == null || batch.first() > next || batch.last() + 1 < next) {
            // The consumer reads elsewhere: records may lie between, or be stored already.
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

    static TopicPartition partition(SinkRecord record) {
        return new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
    }

    private void disclaim(TopicPartition partition) {
        positions.remove(partition);
        rewinding.remove(partition);
        withoutOffset.remove(partition);
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
