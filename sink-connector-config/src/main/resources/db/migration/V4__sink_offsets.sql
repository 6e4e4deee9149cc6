-- The offsets of the transactional sink. The connector postgres-sink changes a row in the same transaction as the rows that
-- it writes. Without this table, the connector would create it.
CREATE TABLE IF NOT EXISTS sink_offsets (
    connector   text        NOT NULL,
    topic       text        NOT NULL,
    partition   integer     NOT NULL,
    -- The topic to which the offset belongs. It differs after the topic was recreated.
    topic_id    text,
    -- The offset of the first record that is not stored. Null: the partition was claimed, but nothing is stored yet.
    next_offset bigint,
    -- Incremented by each task that claims the partition. A task with an older epoch cannot write.
    epoch       bigint      NOT NULL,
    owner       text        NOT NULL,
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (connector, topic, partition)
) WITH (fillfactor = 50);

-- Otherwise, the offsets could point to records that a reset has deleted. The rows remain, because their epochs fence the tasks of
-- a frozen worker.
CREATE OR REPLACE FUNCTION reset_lab() RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    TRUNCATE orders, processed_messages, duplicate_messages,
             processed_counters, repeated_orders, processed_per_second, duplicate_counters;
    UPDATE sink_offsets SET next_offset = NULL, topic_id = NULL, epoch = epoch + 1, owner = 'reset';
END
$$;
