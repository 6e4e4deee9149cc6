-- An automatic vacuum of a large table takes longer than the attempts of V6. PostgreSQL cancels it only if a session waits for its
-- table for a second. The reset therefore waits for each table, but for one at a time and without another lock, so that it still
-- cannot take part in a deadlock. The query API cancels the statement after 5 s.
CREATE OR REPLACE FUNCTION reset_lab() RETURNS void
LANGUAGE plpgsql
SET lock_timeout = '2s'
AS $$
DECLARE
    lab_tables text[] := '{orders, processed_messages, duplicate_messages, processed_counters, repeated_orders, processed_per_second,
                           duplicate_counters}';
    lab_table text;
    deadline timestamptz := clock_timestamp() + interval '4 seconds';
BEGIN
    LOOP
        BEGIN
            EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE NOWAIT', array_to_string(lab_tables, ', '));
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF clock_timestamp() > deadline THEN
                RAISE;
            END IF;
        END;
        FOREACH lab_table IN ARRAY lab_tables LOOP
            BEGIN
                EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', lab_table);
                -- Only an exception releases the lock before the end of the transaction.
                RAISE EXCEPTION USING ERRCODE = 'RS001';
            EXCEPTION WHEN lock_not_available OR SQLSTATE 'RS001' THEN
                NULL;
            END;
        END LOOP;
    END LOOP;
    EXECUTE format('TRUNCATE %s', array_to_string(lab_tables, ', '));
    UPDATE sink_offsets SET next_offset = NULL, topic_id = NULL, epoch = epoch + 1, owner = 'reset';
END
$$;
