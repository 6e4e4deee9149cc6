-- Counting ten million rows takes seconds; reading these takes none. The triggers count what a statement inserted, in
-- the statement's own transaction: what is counted is there, what is there is counted.
--
-- A row that the sink writes a second time is an update (ON CONFLICT DO UPDATE). The transition table of an insert
-- trigger holds the inserted rows only, so that redelivery is not counted.
--
-- Each row belongs to one partition, and a partition to one task of the sink: writers do not wait for each other.
-- No counter is part of an index and pages keep room, so that an update stays on its page (HOT) and leaves no bloat.

CREATE TABLE processed_counters (
    partition       integer     NOT NULL,
    consumer_id     text        NOT NULL,
    messages        bigint      NOT NULL,
    -- Those that were the first of their order_id. messages - orders = duplicates that the stream let through.
    orders          bigint      NOT NULL,
    first_processed timestamptz NOT NULL,
    last_processed  timestamptz NOT NULL,
    PRIMARY KEY (partition, consumer_id)
) WITH (fillfactor = 25);

-- Orders that were processed more than once. Under exactly-once: none.
CREATE TABLE repeated_orders (
    order_id    text        PRIMARY KEY,
    repetitions bigint      NOT NULL,
    last_repeat timestamptz NOT NULL
);

-- How many were processed in each of the last 128 seconds, as a ring: a slot belongs to the newest second it has seen.
CREATE TABLE processed_per_second (
    partition integer NOT NULL,
    slot      integer NOT NULL,
    second    bigint  NOT NULL,
    messages  bigint  NOT NULL,
    PRIMARY KEY (partition, slot)
) WITH (fillfactor = 25);

CREATE TABLE duplicate_counters (
    partition integer PRIMARY KEY,
    messages  bigint  NOT NULL
) WITH (fillfactor = 25);

-- Looking for an order's earlier record must take the index from the first row on: a plan made while the table was
-- empty may read it from end to end, and the sink's session would keep that plan while the table grows.
CREATE FUNCTION count_processed() RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
BEGIN
    -- An order keeps its partition, and a partition's records arrive in order, also after a redelivery: a record is a
    -- repetition if there is one with its order_id at a smaller offset.
    WITH arrived AS MATERIALIZED (
        SELECT n.__connect_partition AS partition, n.order_id, n.consumer_id, n.processed_at,
               EXISTS (SELECT FROM processed_messages p
                        WHERE p.order_id = n.order_id
                          AND (p.__connect_partition, p.__connect_offset)
                            < (n.__connect_partition, n.__connect_offset)) AS repeated
          FROM inserted n
    ), repetitions AS (
        INSERT INTO repeated_orders AS r (order_id, repetitions, last_repeat)
        SELECT order_id, count(*), max(processed_at)
          FROM arrived WHERE repeated GROUP BY order_id
        ON CONFLICT (order_id) DO UPDATE
           SET repetitions = r.repetitions + excluded.repetitions,
               last_repeat = greatest(r.last_repeat, excluded.last_repeat)
    ), seconds AS (
        SELECT partition, floor(extract(epoch FROM processed_at))::bigint AS second, count(*) AS messages
          FROM arrived GROUP BY 1, 2
    ), ring AS (
        INSERT INTO processed_per_second AS s (partition, slot, second, messages)
        SELECT DISTINCT ON (partition, mod(second, 128)) partition, mod(second, 128), second, messages
          FROM seconds ORDER BY partition, mod(second, 128), second DESC
        ON CONFLICT (partition, slot) DO UPDATE
           SET second = excluded.second,
               messages = excluded.messages + CASE s.second WHEN excluded.second THEN s.messages ELSE 0 END
         WHERE s.second <= excluded.second
    )
    INSERT INTO processed_counters AS c (partition, consumer_id, messages, orders, first_processed, last_processed)
    SELECT partition, consumer_id, count(*), count(*) FILTER (WHERE NOT repeated), min(processed_at), max(processed_at)
      FROM arrived GROUP BY partition, consumer_id
    ON CONFLICT (partition, consumer_id) DO UPDATE
       SET messages = c.messages + excluded.messages,
           orders = c.orders + excluded.orders,
           first_processed = least(c.first_processed, excluded.first_processed),
           last_processed = greatest(c.last_processed, excluded.last_processed);
    RETURN NULL;
END
$$;

CREATE TRIGGER count_processed AFTER INSERT ON processed_messages
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION count_processed();

CREATE FUNCTION count_duplicates() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO duplicate_counters AS c (partition, messages)
    SELECT __connect_partition, count(*) FROM inserted GROUP BY __connect_partition
    ON CONFLICT (partition) DO UPDATE SET messages = c.messages + excluded.messages;
    RETURN NULL;
END
$$;

CREATE TRIGGER count_duplicates AFTER INSERT ON duplicate_messages
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION count_duplicates();

-- What the tables hold, in one row; the same whether they hold ten rows or ten million.
CREATE VIEW processing_totals AS
SELECT p.messages,
       p.orders,
       p.messages - p.orders AS duplicates_emitted,
       (SELECT coalesce(sum(messages), 0)::bigint FROM duplicate_counters) AS duplicates_rejected,
       (SELECT coalesce(sum(messages), 0)::bigint FROM processed_per_second
         WHERE second > extract(epoch FROM now()) - 60) AS messages_last_minute,
       p.first_processed,
       p.last_processed
  FROM (SELECT coalesce(sum(messages), 0)::bigint AS messages, coalesce(sum(orders), 0)::bigint AS orders,
               min(first_processed) AS first_processed, max(last_processed) AS last_processed
          FROM processed_counters) p;

CREATE VIEW messages_by_consumer AS
SELECT consumer_id, sum(messages)::bigint AS messages FROM processed_counters GROUP BY consumer_id;

-- Empties everything, all or nothing. The caller sees to it that no connector is running: what a task has already
-- fetched would be written after this.
CREATE FUNCTION reset_lab() RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    TRUNCATE orders, processed_messages, duplicate_messages,
             processed_counters, repeated_orders, processed_per_second, duplicate_counters;
END
$$;
