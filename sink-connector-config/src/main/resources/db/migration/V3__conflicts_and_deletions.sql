-- Conflicts: duplicates whose content differs from the first record with the same order_id.
ALTER TABLE duplicate_messages
    ADD COLUMN conflict boolean NOT NULL DEFAULT false,
    -- The complete order of a conflict, null for other duplicates.
    ADD COLUMN content  jsonb;

CREATE INDEX duplicate_messages_conflicts ON duplicate_messages (order_id) WHERE conflict;

ALTER TABLE duplicate_counters ADD COLUMN conflicts bigint NOT NULL DEFAULT 0;

-- The counters follow INSERT, UPDATE, DELETE and TRUNCATE, so that they match the tables after pruning, after the erasure
-- of a customer and after the tables are filled again. The following columns cannot follow a deletion without a scan of
-- the table. The view derives their values.
DROP VIEW processing_totals;
DROP VIEW messages_by_consumer;
ALTER TABLE processed_counters DROP COLUMN orders, DROP COLUMN first_processed, DROP COLUMN last_processed;

-- Every statement updates the counters in the order of their keys, so that a deletion and a task of the sink cannot
-- deadlock.
CREATE OR REPLACE FUNCTION count_processed() RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
BEGIN
    -- All records of an order are in one partition, and usually arrive in order. A row is a repetition if an earlier row
    -- with the same order_id exists, or a later one from before this statement, which is possible after a deletion.
    WITH arrived AS MATERIALIZED (
        SELECT n.__connect_partition AS partition, n.order_id, n.consumer_id, n.processed_at,
               EXISTS (SELECT FROM processed_messages p
                        WHERE p.order_id = n.order_id
                          AND ((p.__connect_partition, p.__connect_offset)
                                 < (n.__connect_partition, n.__connect_offset)
                               OR (p.__connect_partition, p.__connect_offset)
                                 > (n.__connect_partition, n.__connect_offset)
                                  AND NOT EXISTS (SELECT FROM inserted i
                                                   WHERE i.__connect_partition = p.__connect_partition
                                                     AND i.__connect_offset = p.__connect_offset))) AS repeated
          FROM inserted n
    ), repetitions AS (
        INSERT INTO repeated_orders AS r (order_id, repetitions, last_repeat)
        SELECT order_id, count(*), max(processed_at)
          FROM arrived WHERE repeated GROUP BY order_id ORDER BY order_id
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
    INSERT INTO processed_counters AS c (partition, consumer_id, messages)
    SELECT partition, consumer_id, count(*)
      FROM arrived GROUP BY partition, consumer_id ORDER BY partition, consumer_id
    ON CONFLICT (partition, consumer_id) DO UPDATE SET messages = c.messages + excluded.messages;
    RETURN NULL;
END
$$;

CREATE FUNCTION uncount_processed() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    -- The table contains only orders that were processed more than once, and is usually empty.
    WITH remaining AS (
        SELECT r.order_id, (SELECT count(*) FROM processed_messages p WHERE p.order_id = r.order_id) - 1 AS repetitions
          FROM repeated_orders r
         WHERE r.order_id IN (SELECT order_id FROM removed)
         ORDER BY r.order_id FOR UPDATE
    ), updated AS (
        UPDATE repeated_orders r SET repetitions = remaining.repetitions
          FROM remaining WHERE remaining.order_id = r.order_id AND remaining.repetitions > 0
    )
    DELETE FROM repeated_orders r USING remaining
     WHERE remaining.order_id = r.order_id AND remaining.repetitions <= 0;

    UPDATE processed_per_second s SET messages = s.messages - d.messages
      FROM (SELECT __connect_partition AS partition, floor(extract(epoch FROM processed_at))::bigint AS second,
                   count(*) AS messages
              FROM removed GROUP BY 1, 2) d
     WHERE s.partition = d.partition AND s.slot = mod(d.second, 128) AND s.second = d.second;

    INSERT INTO processed_counters AS c (partition, consumer_id, messages)
    SELECT __connect_partition, consumer_id, -count(*)
      FROM removed GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (partition, consumer_id) DO UPDATE SET messages = c.messages + excluded.messages;
    RETURN NULL;
END
$$;

CREATE TRIGGER uncount_processed AFTER DELETE ON processed_messages
    REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION uncount_processed();

CREATE FUNCTION recount_processed() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM repeated_orders WHERE order_id IN (OLD.order_id, NEW.order_id);
    INSERT INTO repeated_orders (order_id, repetitions, last_repeat)
    SELECT order_id, count(*) - 1, max(processed_at) FROM processed_messages
     WHERE order_id IN (OLD.order_id, NEW.order_id) GROUP BY order_id HAVING count(*) > 1;

    INSERT INTO processed_counters AS c (partition, consumer_id, messages)
    SELECT partition, consumer_id, sum(messages)
      FROM (VALUES (OLD.__connect_partition, OLD.consumer_id, -1), (NEW.__connect_partition, NEW.consumer_id, 1))
           AS change (partition, consumer_id, messages)
     GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (partition, consumer_id) DO UPDATE SET messages = c.messages + excluded.messages;
    RETURN NULL;
END
$$;

-- A redelivered record updates its row with the same values. The condition is false then.
CREATE TRIGGER recount_processed AFTER UPDATE ON processed_messages
    FOR EACH ROW WHEN ((OLD.__connect_partition, OLD.consumer_id, OLD.order_id)
                       IS DISTINCT FROM (NEW.__connect_partition, NEW.consumer_id, NEW.order_id))
    EXECUTE FUNCTION recount_processed();

CREATE FUNCTION clear_processed_counters() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM processed_counters;
    DELETE FROM repeated_orders;
    DELETE FROM processed_per_second;
    RETURN NULL;
END
$$;

CREATE TRIGGER clear_processed_counters AFTER TRUNCATE ON processed_messages
    FOR EACH STATEMENT EXECUTE FUNCTION clear_processed_counters();

CREATE OR REPLACE FUNCTION count_duplicates() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO duplicate_counters AS c (partition, messages, conflicts)
    SELECT __connect_partition, count(*), count(*) FILTER (WHERE conflict)
      FROM inserted GROUP BY 1 ORDER BY 1
    ON CONFLICT (partition) DO UPDATE
       SET messages = c.messages + excluded.messages, conflicts = c.conflicts + excluded.conflicts;
    RETURN NULL;
END
$$;

CREATE FUNCTION uncount_duplicates() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO duplicate_counters AS c (partition, messages, conflicts)
    SELECT __connect_partition, -count(*), -count(*) FILTER (WHERE conflict)
      FROM removed GROUP BY 1 ORDER BY 1
    ON CONFLICT (partition) DO UPDATE
       SET messages = c.messages + excluded.messages, conflicts = c.conflicts + excluded.conflicts;
    RETURN NULL;
END
$$;

CREATE TRIGGER uncount_duplicates AFTER DELETE ON duplicate_messages
    REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION uncount_duplicates();

CREATE FUNCTION recount_duplicates() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO duplicate_counters AS c (partition, messages, conflicts)
    SELECT partition, sum(messages), sum(messages * conflict::integer)
      FROM (VALUES (OLD.__connect_partition, -1, OLD.conflict), (NEW.__connect_partition, 1, NEW.conflict))
           AS change (partition, messages, conflict)
     GROUP BY 1 ORDER BY 1
    ON CONFLICT (partition) DO UPDATE
       SET messages = c.messages + excluded.messages, conflicts = c.conflicts + excluded.conflicts;
    RETURN NULL;
END
$$;

CREATE TRIGGER recount_duplicates AFTER UPDATE ON duplicate_messages
    FOR EACH ROW WHEN ((OLD.__connect_partition, OLD.conflict)
                       IS DISTINCT FROM (NEW.__connect_partition, NEW.conflict))
    EXECUTE FUNCTION recount_duplicates();

CREATE FUNCTION clear_duplicate_counters() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM duplicate_counters;
    RETURN NULL;
END
$$;

CREATE TRIGGER clear_duplicate_counters AFTER TRUNCATE ON duplicate_messages
    FOR EACH STATEMENT EXECUTE FUNCTION clear_duplicate_counters();

-- Corrects counters that an earlier version did not update at a deletion. The locks keep the connectors from writing.
LOCK TABLE processed_messages, duplicate_messages IN SHARE ROW EXCLUSIVE MODE;

DELETE FROM processed_counters;
INSERT INTO processed_counters (partition, consumer_id, messages)
SELECT __connect_partition, consumer_id, count(*) FROM processed_messages GROUP BY 1, 2;

DELETE FROM repeated_orders;
INSERT INTO repeated_orders (order_id, repetitions, last_repeat)
SELECT order_id, count(*) - 1, max(processed_at) FROM processed_messages GROUP BY order_id HAVING count(*) > 1;

DELETE FROM duplicate_counters;
INSERT INTO duplicate_counters (partition, messages)
SELECT __connect_partition, count(*) FROM duplicate_messages GROUP BY 1;

-- The totals of all tables in one row. The time does not depend on the number of orders, only on the number of orders that
-- were processed more than once. Within a partition, the rows were processed in the order of their offsets.
CREATE VIEW processing_totals AS
SELECT t.messages,
       t.messages - t.repetitions AS orders,
       t.repetitions AS duplicates_emitted,
       d.messages AS duplicates_rejected,
       d.conflicts,
       (SELECT coalesce(sum(messages), 0)::bigint FROM processed_per_second
         WHERE second > extract(epoch FROM now()) - 60) AS messages_last_minute,
       b.first_processed,
       b.last_processed
  FROM (SELECT (SELECT coalesce(sum(messages), 0)::bigint FROM processed_counters) AS messages,
               (SELECT coalesce(sum(repetitions), 0)::bigint FROM repeated_orders) AS repetitions) t,
       (SELECT coalesce(sum(messages), 0)::bigint AS messages, coalesce(sum(conflicts), 0)::bigint AS conflicts
          FROM duplicate_counters) d,
       (SELECT min(oldest.processed_at) AS first_processed, max(newest.processed_at) AS last_processed
          FROM (SELECT DISTINCT partition FROM processed_counters) c,
               LATERAL (SELECT processed_at FROM processed_messages
                         WHERE __connect_topic = 'orders.processed' AND __connect_partition = c.partition
                         ORDER BY __connect_offset LIMIT 1) oldest,
               LATERAL (SELECT processed_at FROM processed_messages
                         WHERE __connect_topic = 'orders.processed' AND __connect_partition = c.partition
                         ORDER BY __connect_offset DESC LIMIT 1) newest) b;

CREATE VIEW messages_by_consumer AS
SELECT consumer_id, sum(messages)::bigint AS messages
  FROM processed_counters GROUP BY consumer_id HAVING sum(messages) > 0;
