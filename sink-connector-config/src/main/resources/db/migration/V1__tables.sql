-- The three tables of the contract, as the connectors fill them. Money is decimal, times are exact to the microsecond.
--
-- Every key is known before the row is written, so that writing a record again finds its own row and adds none:
-- that, and not a transaction, is what makes the hop from Kafka to this database exactly-once.

CREATE TABLE orders (
    order_id         text           PRIMARY KEY,
    customer_id      text           NOT NULL,
    items            jsonb          NOT NULL,
    total_amount     numeric(19, 2) NOT NULL,
    created_at       timestamptz    NOT NULL,
    status           text           NOT NULL,
    processed_at     timestamptz    NOT NULL,
    consumer_id      text           NOT NULL,
    processing_mode  text           NOT NULL,
    -- The order's place in the topic orders.
    source_partition integer        NOT NULL,
    source_offset    bigint         NOT NULL
);

-- The newest first, all of them or one customer's.
CREATE INDEX orders_by_time ON orders (processed_at);
CREATE INDEX orders_by_customer ON orders (customer_id, processed_at);

-- One row a record of orders.processed; the key is that record's place. The names of the key's columns are those that
-- the connector uses when it keys by Kafka's coordinates itself.
CREATE TABLE processed_messages (
    __connect_topic     text        NOT NULL,
    __connect_partition integer     NOT NULL,
    __connect_offset    bigint      NOT NULL,
    order_id            text        NOT NULL,
    processed_at        timestamptz NOT NULL,
    consumer_id         text        NOT NULL,
    processing_mode     text        NOT NULL,
    source_partition    integer     NOT NULL,
    source_offset       bigint      NOT NULL,
    sunk_at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (__connect_topic, __connect_partition, __connect_offset)
);

CREATE INDEX processed_messages_by_order ON processed_messages (order_id);

-- One row a record of orders.duplicates, likewise.
CREATE TABLE duplicate_messages (
    __connect_topic     text        NOT NULL,
    __connect_partition integer     NOT NULL,
    __connect_offset    bigint      NOT NULL,
    order_id            text        NOT NULL,
    first_seen_at       timestamptz NOT NULL,
    -- Offset of the record that was accepted, in the same partition of orders.
    first_offset        bigint      NOT NULL,
    detected_at         timestamptz NOT NULL,
    consumer_id         text        NOT NULL,
    source_partition    integer     NOT NULL,
    source_offset       bigint      NOT NULL,
    sunk_at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (__connect_topic, __connect_partition, __connect_offset)
);

CREATE INDEX duplicate_messages_by_order ON duplicate_messages (order_id);
