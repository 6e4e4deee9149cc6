-- Readers lock these tables in different orders, so that a reset that waits for one table while it holds another could end in a
-- deadlock. It therefore takes all locks at once or none.
CREATE OR REPLACE FUNCTION reset_lab() RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    attempts integer := 0;
BEGIN
    LOOP
        BEGIN
            LOCK TABLE orders, processed_messages, duplicate_messages, processed_counters, repeated_orders, processed_per_second,
                       duplicate_counters IN ACCESS EXCLUSIVE MODE NOWAIT;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            attempts := attempts + 1;
            IF attempts = 500 THEN
                RAISE;
            END IF;
            PERFORM pg_sleep(0.01);
        END;
    END LOOP;
    TRUNCATE orders, processed_messages, duplicate_messages,
             processed_counters, repeated_orders, processed_per_second, duplicate_counters;
    UPDATE sink_offsets SET next_offset = NULL, topic_id = NULL, epoch = epoch + 1, owner = 'reset';
END
$$;
