package io.onlyonce.postgres.sink;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The table of stored offsets: one row for each connector, topic and partition.
 *
 * <p>Each row contains an epoch. A task increments the epoch when it claims the partition, and each write of the task
 * requires this epoch. Therefore, a replaced task (a zombie) cannot write.
 */
final class OffsetTable {
    private static final Logger log = LoggerFactory.getLogger(OffsetTable.class);

    /**
     * A claimed partition.
     *
     * @param next offset of the first record that is not stored; empty if no offset has been stored
     * @param topicId of the topic to which the stored offset belongs
     */
    record Claim(long epoch, OptionalLong next, String topicId) {}

    /**
     * The state of a partition as its owner last read or wrote it.
     *
     * @param stored the offset in the table; null if no offset has been stored
     * @param next offset of the first record that is not stored
     */
    record Position(long epoch, Long stored, long next) {
        Position advancedTo(long offset) {
            return new Position(epoch, offset, offset);
        }
    }

    /**
     * The records of a partition that one transaction writes.
     *
     * @param position the position before the transaction, which determines the first offset
     * @param next the offset after the last record
     */
    record Range(TopicPartition partition, Position position, long next) {}

    /** The owner of a partition whose offset an operator has changed. */
    private static final String OPERATOR = "alterOffsets";

    private final String table;
    private final String connector;
    private final String applicationName;
    private final int lockTimeoutMs;
    /** Unique for each task, because an epoch can repeat after a restore of the database. */
    private final String owner;

    OffsetTable(PostgresSinkConfig config) {
        table = TargetTable.quoted(config.offsetsTable());
        connector = config.connector();
        applicationName = config.applicationName();
        lockTimeoutMs = config.lockTimeoutMs();
        owner = "pid " + ProcessHandle.current().pid() + " " + UUID.randomUUID();
    }

    /** Creates the table if it does not exist. Only in this case, the role needs the privilege to create tables. */
    void createIfMissing(Session session) throws SQLException {
        if (exists(session)) {
            return;
        }
        try {
            session.execute("""
                    CREATE TABLE IF NOT EXISTS %s (
                        connector   text        NOT NULL,
                        topic       text        NOT NULL,
                        partition   integer     NOT NULL,
                        topic_id    text,
                        next_offset bigint,
                        epoch       bigint      NOT NULL,
                        owner       text        NOT NULL,
                        updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
                        PRIMARY KEY (connector, topic, partition)
                    ) WITH (fillfactor = 50)""".formatted(table));
            session.commit();
        } catch (SQLException e) {
            session.rollback();
            // IF NOT EXISTS does not prevent an error if two tasks create the table at the same time.
            if (!exists(session)) {
                throw e;
            }
        }
    }

    private boolean exists(Session session) throws SQLException {
        try (PreparedStatement statement = session.connection().prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
            statement.setString(1, table);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                boolean exists = row.getBoolean(1);
                session.commit();
                return exists;
            }
        }
    }

    /**
     * Makes the calling task the owner of a partition, in a separate transaction. If a transaction of the previous
     * owner is still in progress, waits for it. After the lock timeout, terminates the session of the previous owner.
     *
     * @param lastEpoch of the last claim of this task since the partition was assigned; null if there is none
     * @throws ConnectException if another task has claimed the partition since then
     */
    Claim claim(Session session, TopicPartition partition, String topicId, Long lastEpoch) throws SQLException {
        try {
            return claimOnce(session, partition, topicId, lastEpoch);
        } catch (SQLException e) {
            session.rollback();
            if (!SqlErrors.isLockTimeout(e) || terminateStaleSessions(session) == 0) {
                throw e;
            }
            return claimOnce(session, partition, topicId, lastEpoch);
        }
    }

    private Claim claimOnce(Session session, TopicPartition partition, String topicId, Long lastEpoch)
            throws SQLException {
        String sql = """
                INSERT INTO %s AS o (connector, topic, partition, topic_id, epoch, owner) VALUES (?, ?, ?, ?, 1, ?)
                ON CONFLICT (connector, topic, partition) DO UPDATE
                   SET epoch = o.epoch + 1, owner = excluded.owner, updated_at = clock_timestamp(),
                       topic_id = CASE WHEN o.next_offset IS NULL THEN excluded.topic_id
                                       ELSE coalesce(o.topic_id, excluded.topic_id) END
                 WHERE ?::bigint IS NULL OR o.owner = excluded.owner OR o.epoch <= ?::bigint
                RETURNING epoch, next_offset, topic_id""".formatted(table);
        try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
            statement.setString(1, connector);
            statement.setString(2, partition.topic());
            statement.setInt(3, partition.partition());
            statement.setString(4, topicId);
            statement.setString(5, owner);
            statement.setObject(6, lastEpoch, Types.BIGINT);
            statement.setObject(7, lastEpoch, Types.BIGINT);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    session.rollback();
                    throw replaced(partition);
                }
                long epoch = row.getLong(1);
                String storedTopicId = row.getString(3);
                long next = row.getLong(2);
                OptionalLong stored = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(next);
                session.commit();
                return new Claim(epoch, stored, storedTopicId);
            }
        }
    }

    static ConnectException replaced(Object partitions) {
        return new ConnectException("This task was replaced: another task has claimed " + partitions);
    }

    /**
     * Terminates the sessions of this connector whose transactions are older than the lock timeout. A frozen process
     * keeps its connection open, so its transaction keeps the lock.
     *
     * @return the number of terminated sessions
     */
    private int terminateStaleSessions(Session session) throws SQLException {
        String sql = """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE application_name = ? AND usename = current_user AND datname = current_database()
                   AND pid <> pg_backend_pid() AND xact_start < clock_timestamp() - make_interval(secs => ?)""";
        try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
            statement.setString(1, applicationName);
            statement.setDouble(2, lockTimeoutMs / 1_000.0);
            int terminated = 0;
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    terminated++;
                }
            }
            session.commit();
            log.warn("Terminated sessions of replaced tasks connector={} sessions={}", connector, terminated);
            return terminated;
        }
    }

    /**
     * Advances the offsets in the current transaction.
     *
     * @return false if the table does not contain exactly the values that the owner has stored, because another task
     *     has claimed one of the partitions or because the table was restored from a backup
     */
    boolean advance(Session session, List<Range> ranges) throws SQLException {
        String sql = """
                UPDATE %s o SET next_offset = b.next, updated_at = clock_timestamp()
                  FROM unnest(?, ?, ?, ?, ?) AS b (topic, partition, epoch, stored, next)
                 WHERE o.connector = ? AND o.owner = ? AND o.topic = b.topic AND o.partition = b.partition
                   AND o.epoch = b.epoch AND o.next_offset IS NOT DISTINCT FROM b.stored""".formatted(table);
        try (PreparedStatement statement = prepare(session, sql, ranges)) {
            return statement.executeUpdate() == ranges.size();
        }
    }

    /** Returns whether the table contains the positions of these ranges, without a change. */
    boolean contains(Session session, List<Range> ranges) throws SQLException {
        String sql = """
                SELECT count(*) FROM %s o
                  JOIN unnest(?, ?, ?, ?, ?) AS b (topic, partition, epoch, stored, next)
                    ON o.topic = b.topic AND o.partition = b.partition
                 WHERE o.connector = ? AND o.owner = ?
                   AND o.epoch = b.epoch AND o.next_offset IS NOT DISTINCT FROM b.stored""".formatted(table);
        try (PreparedStatement statement = prepare(session, sql, ranges);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getInt(1) == ranges.size();
        } finally {
            session.rollback();
        }
    }

    private PreparedStatement prepare(Session session, String sql, List<Range> ranges) throws SQLException {
        Connection connection = session.connection();
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.setArray(
                1, array(connection, "text", ranges, range -> range.partition().topic()));
        statement.setArray(
                2,
                array(connection, "integer", ranges, range -> range.partition().partition()));
        statement.setArray(
                3, array(connection, "bigint", ranges, range -> range.position().epoch()));
        statement.setArray(
                4, array(connection, "bigint", ranges, range -> range.position().stored()));
        statement.setArray(5, array(connection, "bigint", ranges, Range::next));
        statement.setString(6, connector);
        statement.setString(7, owner);
        return statement;
    }

    /**
     * Determines why {@link #advance} returned false. Rolls back the current transaction.
     *
     * @return true if another task has claimed a partition; false if the table contains older data than this task has
     *     written, for example after a restore. In this case, the task must claim the partitions again
     */
    boolean isFenced(Session session, List<Range> ranges) throws SQLException {
        String sql = "SELECT epoch FROM %s WHERE connector = ? AND owner <> ? AND topic = ? AND partition = ?"
                .formatted(table);
        try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
            for (Range range : ranges) {
                statement.setString(1, connector);
                statement.setString(2, owner);
                statement.setString(3, range.partition().topic());
                statement.setInt(4, range.partition().partition());
                try (ResultSet row = statement.executeQuery()) {
                    if (row.next() && row.getLong(1) > range.position().epoch()) {
                        return true;
                    }
                }
            }
            return false;
        } finally {
            session.rollback();
        }
    }

    private static Array array(Connection connection, String type, List<Range> ranges, Function<Range, Object> value)
            throws SQLException {
        return connection.createArrayOf(type, ranges.stream().map(value).toArray());
    }

    /**
     * Stores the offsets that an operator sets.
     *
     * @param offsets the new offsets. A null offset removes the stored offset of the partition. An empty map removes
     *     all stored offsets of the connector: Connect passes it for a reset if the consumer group has no offsets, for
     *     example because the topic was deleted
     */
    void alter(Session session, Map<TopicPartition, Long> offsets) throws SQLException {
        if (offsets.isEmpty()) {
            // The rows remain, because their epochs fence the tasks that are still running.
            String sql = """
                    UPDATE %s SET next_offset = NULL, topic_id = NULL, epoch = epoch + 1, owner = ?,
                                  updated_at = clock_timestamp()
                     WHERE connector = ?""".formatted(table);
            try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
                statement.setString(1, OPERATOR);
                statement.setString(2, connector);
                statement.executeUpdate();
            }
        }
        String sql = """
                INSERT INTO %s AS o (connector, topic, partition, next_offset, epoch, owner) VALUES (?, ?, ?, ?, 1, ?)
                ON CONFLICT (connector, topic, partition) DO UPDATE
                   SET next_offset = excluded.next_offset, topic_id = NULL, epoch = o.epoch + 1, owner = excluded.owner,
                       updated_at = clock_timestamp()""".formatted(table);
        try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
            for (Map.Entry<TopicPartition, Long> entry : offsets.entrySet()) {
                statement.setString(1, connector);
                statement.setString(2, entry.getKey().topic());
                statement.setInt(3, entry.getKey().partition());
                statement.setObject(4, entry.getValue(), Types.BIGINT);
                statement.setString(5, OPERATOR);
                statement.addBatch();
            }
            statement.executeBatch();
        }
        session.commit();
    }
}
