/**
 * A Kafka Connect sink for PostgreSQL that is exactly-once to the row: the rows of a batch and the offsets of the batch
 * are written in one database transaction.
 *
 * <p>{@link io.onlyonce.postgres.sink.PostgresSinkConnector} is configured with topics and tables ({@link
 * io.onlyonce.postgres.sink.PostgresSinkConfig}). Each {@link io.onlyonce.postgres.sink.PostgresSinkTask} claims its
 * partitions in the offset table ({@link io.onlyonce.postgres.sink.OffsetTable}), converts records to rows of its target
 * tables ({@link io.onlyonce.postgres.sink.TargetTable}, {@link io.onlyonce.postgres.sink.ColumnEncoder}) and writes them
 * with COPY ({@link io.onlyonce.postgres.sink.BatchWriter}).
 */
package io.onlyonce.postgres.sink;
