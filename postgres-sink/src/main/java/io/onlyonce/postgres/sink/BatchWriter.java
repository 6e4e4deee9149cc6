package io.onlyonce.postgres.sink;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the rows and the offsets of a batch in one transaction. Isolates records that cannot be stored, and sends them
 * to the dead-letter topic.
 */
final class BatchWriter {
    private static final Logger log = LoggerFactory.getLogger(BatchWriter.class);

    /** Bounds the memory of a batch of large records. Each char needs up to three bytes more while it is sent. */
    private static final int MAX_TRANSACTION_CHARS = 8_000_000;

    private final OffsetTable offsets;
    private final Map<String, List<TargetTable>> tablesByTopic;
    private final Optional<ErrantRecordReporter> reporter;

    /** @param reporter writes dead letters; if empty, the task fails on the first record that cannot be stored */
    BatchWriter(
            OffsetTable offsets,
            Map<String, List<TargetTable>> tablesByTopic,
            Optional<ErrantRecordReporter> reporter) {
        this.offsets = offsets;
        this.tablesByTopic = tablesByTopic;
        this.reporter = reporter;
    }

    /**
     * Writes the records. If all records can be stored, uses one transaction. Each transaction also advances the stored
     * offsets.
     *
     * @param records records of claimed partitions, in the order of their offsets
     * @param positions positions of the claimed partitions; this method advances them after each transaction
     * @throws RetriableException if the offset table does not contain the offsets that this task has stored
     * @throws ConnectException if another task has claimed a partition
     */
    void write(Session session, List<SinkRecord> records, Map<TopicPartition, OffsetTable.Position> positions)
            throws SQLException {
        if (!records.isEmpty()) {
            new Attempt(session, positions).write(records);
        }
    }

    /** Advances the stored offsets in the current transaction. Throws the same exceptions as {@link #write}. */
    void advance(Session session, List<OffsetTable.Range> ranges) throws SQLException {
        if (offsets.advance(session, ranges)) {
            return;
        }
        session.rollback();
        if (offsets.isFenced(session, ranges)) {
            throw OffsetTable.replaced(
                    ranges.stream().map(OffsetTable.Range::partition).toList());
        }
        throw new RetriableException("The stored offsets are not those of this task (was a backup restored?);"
                + " claiming the partitions again");
    }

    /** Writes one batch in one or more attempts, until each record is stored or reported. */
    private final class Attempt {
        private final Session session;
        private final Map<TopicPartition, OffsetTable.Position> positions;
        /** Prevents a second dead letter if the same record fails in several attempts. */
        private final Set<SinkRecord> reported = Collections.newSetFromMap(new IdentityHashMap<>());

        Attempt(Session session, Map<TopicPartition, OffsetTable.Position> positions) {
            this.session = session;
            this.positions = positions;
        }

        void write(List<SinkRecord> records) throws SQLException {
            List<SinkRecord> remaining = records;
            while (!remaining.isEmpty()) {
                List<TargetTable.Rows> rows = new ArrayList<>();
                int count = convert(remaining, rows);
                write(remaining.subList(0, count), rows);
                remaining = remaining.subList(count, remaining.size());
            }
        }

        private void write(List<SinkRecord> records, List<TargetTable.Rows> rows) throws SQLException {
            try {
                writeInOneTransaction(records, rows, false);
            } catch (SQLException e) {
                session.rollback();
                if (SqlErrors.isUniqueViolation(e)
                        && rows.stream().anyMatch(r -> r.table().isUpserted())) {
                    log.debug("Rows exist already, writing through a temporary table records={}", records.size());
                    upsert(records, rows);
                } else {
                    isolate(records, e);
                }
            }
        }

        private void upsert(List<SinkRecord> records, List<TargetTable.Rows> rows) throws SQLException {
            try {
                writeInOneTransaction(records, rows, true);
            } catch (SQLException e) {
                session.rollback();
                isolate(records, e);
            }
        }

        /** Splits the batch in halves until it isolates the record that PostgreSQL rejects, and reports this record. */
        private void isolate(List<SinkRecord> records, SQLException cause) throws SQLException {
            if (!SqlErrors.isCausedByARecord(cause)) {
                throw cause;
            }
            if (records.size() > 1) {
                int middle = records.size() / 2;
                write(records.subList(0, middle));
                write(records.subList(middle, records.size()));
            } else {
                report(records.get(0), cause);
                writeInOneTransaction(records, List.of(), false);
            }
        }

        private void writeInOneTransaction(List<SinkRecord> records, List<TargetTable.Rows> rows, boolean upsert)
                throws SQLException {
            // First, because it takes the locks of the offset rows: a replaced task stops here.
            List<OffsetTable.Range> ranges = ranges(records);
            advance(session, ranges);
            for (TargetTable.Rows each : rows) {
                if (upsert && each.table().isUpserted()) {
                    each.upsert(session);
                } else {
                    each.copy(session);
                }
            }
            session.commit();
            ranges.forEach(
                    range -> positions.put(range.partition(), range.position().advancedTo(range.next())));
        }

        private List<OffsetTable.Range> ranges(List<SinkRecord> records) {
            Map<TopicPartition, OffsetTable.Range> ranges = new LinkedHashMap<>();
            for (SinkRecord record : records) {
                TopicPartition partition = PostgresSinkTask.partition(record);
                ranges.put(
                        partition,
                        new OffsetTable.Range(partition, positions.get(partition), record.originalKafkaOffset() + 1));
            }
            return List.copyOf(ranges.values());
        }

        /**
         * Converts records until their rows reach the maximum size of a transaction. Reports records that no row can hold.
         *
         * @param all receives the rows
         * @return the number of records that were converted or reported
         */
        private int convert(List<SinkRecord> records, List<TargetTable.Rows> all) {
            Map<TargetTable, TargetTable.Rows> current = new HashMap<>();
            int count = 0;
            long chars = 0;
            for (SinkRecord record : records) {
                if (!reported.contains(record)) {
                    chars += convert(record, current, all);
                }
                count++;
                if (chars > MAX_TRANSACTION_CHARS) {
                    break;
                }
            }
            all.removeIf(rows -> rows.length() == 0);
            return count;
        }

        /** @return the number of characters of the rows of the record */
        private long convert(
                SinkRecord record, Map<TargetTable, TargetTable.Rows> current, List<TargetTable.Rows> all) {
            Map<TargetTable.Rows, Integer> lengths = new LinkedHashMap<>();
            try {
                for (TargetTable table : tables(record)) {
                    TargetTable.Rows rows = current.get(table);
                    if (rows == null || !rows.accepts(record)) {
                        rows = table.rowsFor(record);
                        current.put(table, rows);
                        all.add(rows);
                    }
                    lengths.put(rows, rows.length());
                    rows.append(record);
                }
                return lengths.entrySet().stream()
                        .mapToLong(before -> before.getKey().length() - before.getValue())
                        .sum();
            } catch (RuntimeException e) {
                // Only the value can be the cause, because the conversion does no I/O. A record is stored in all of its
                // tables or in none.
                lengths.forEach(TargetTable.Rows::truncate);
                report(record, e);
                return 0;
            }
        }

        private List<TargetTable> tables(SinkRecord record) {
            List<TargetTable> tables = tablesByTopic.get(record.originalTopic());
            if (tables == null) {
                throw new DataException("no table is configured for the topic " + record.originalTopic());
            }
            if (record.value() == null) {
                throw new DataException("the record has no value");
            }
            return tables;
        }

        private void report(SinkRecord record, Exception cause) {
            reported.add(record);
            ErrantRecordReporter errantRecords = reporter.orElseThrow(() -> new ConnectException(
                    "Record %s-%d@%d cannot be stored; set errors.tolerance=all and a dead-letter topic to continue"
                            .formatted(
                                    record.originalTopic(),
                                    record.originalKafkaPartition(),
                                    record.originalKafkaOffset()),
                    cause));
            try {
                // The dead letter must be written before the offset of its record is stored.
                errantRecords.report(record, cause).get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ConnectException("Interrupted while a dead letter was written", e);
            } catch (ExecutionException e) {
                throw new ConnectException("The dead letter could not be written", e.getCause());
            }
        }
    }
}
