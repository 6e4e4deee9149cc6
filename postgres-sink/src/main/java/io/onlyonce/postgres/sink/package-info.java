/**
 * A Kafka Connect sink for PostgreSQL with exactly-once delivery. It writes the rows and the offsets of a batch in one
 * database transaction.
 *
 * <p>The configuration of a {@link io.onlyonce.postgres.sink.PostgresSinkConnector} contains topics and tables
 * ({@link io.onlyonce.postgres.sink.PostgresSinkConfig}). Each {@link io.onlyonce.postgres.sink.PostgresSinkTask}
 * claims its partitions in the offset table ({@link io.onlyonce.postgres.sink.OffsetTable}). It converts records to
 * rows of its target tables ({@link io.onlyonce.postgres.sink.TargetTable},
 * {@link io.onlyonce.postgres.sink.ColumnEncoder}) and writes the rows with COPY
 * ({@link io.onlyonce.postgres.sink.BatchWriter}).
 */
package io.onlyonce.postgres.sink;
