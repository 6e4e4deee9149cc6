-- Counters, because counting ten million rows takes seconds. The triggers count the inserted rows in the transaction of
-- the statement, so the counters always match the tables.
--
-- A redelivered record updates its row (ON CONFLICT DO UPDATE). The transition table of an insert trigger contains only
-- the inserted rows, so redelivery is not counted.
--
-- Each row belongs to one partition, and each partition to one task of the sink, so writers do not block each other.
-- No counter is indexed and pages have free space, so updates stay on their page (HOT) and cause no bloat.

CREATE TABLE processed_counters (
    partition       integer     NOT NULL,
    consumer_id     text        NOT NULL,
    messages        bigint      NOT NULL,
    -- Messages that are the first with their order_id. messages - orders = duplicates that the stream emitted.
    orders          bigint      NOT NULL,
    first_processed timestamptz NOT NULL,
    last_processed  timestamptz NOT NULL,
    PRIMARY KEY (partition, consumer_id)
) WITH (fillfactor = 25);

-- Orders that were processed more than once. Empty under exactly-once.
CREATE TABLE repeated_orders (
    order_id    text        PRIMARY KEY,
    repetitions bigint      NOT NULL,
    last_repeat timestamptz NOT NULL
);

-- A ring buffer of the messages in each of the last 128 seconds. A slot contains the newest second that maps to it.
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

-- The query for an earlier record must always use the index. A plan that is made while the table is empty may scan it
-- sequentially, and the session of the sink would keep that plan while the table grows.
CREATE FUNCTION count_processed() RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
BEGIN
    -- All records of an order are in one partition, and arrive in order even after a redelivery. A record is a repetition
    -- if a record with the same order_id has a smaller offset.
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

-- The totals of all tables in one row, in constant time.
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

-- Deletes all rows in one transaction. No connector may be running, because its tasks would then write the records that
-- they have already fetched.
CREATE FUNCTION reset_lab() RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    TRUNCATE orders, processed_messages, duplicate_messages,
             processed_counters, repeated_orders, processed_per_second, duplicate_counters;
END
$$;
