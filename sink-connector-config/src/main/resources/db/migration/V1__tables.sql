-- The three tables of the contract. Money is decimal; times have a resolution of one microsecond.
--
-- Each key is derived from the record, so a redelivered record updates its row and does not add one. These keys, not
-- transactions, make the step from Kafka to this database exactly-once.

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
    -- The coordinates of the order in the topic orders.
    source_partition integer        NOT NULL,
    source_offset    bigint         NOT NULL
);

-- The newest orders first: of all customers or of one.
CREATE INDEX orders_by_time ON orders (processed_at);
CREATE INDEX orders_by_customer ON orders (customer_id, processed_at);

-- One row for each record of orders.processed. The key is the coordinates of the record, with the column names that the
-- connector uses for primary.key.mode=kafka.
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

-- One row for each record of orders.duplicates, with the same kind of key.
CREATE TABLE duplicate_messages (
    __connect_topic     text        NOT NULL,
    __connect_partition integer     NOT NULL,
    __connect_offset    bigint      NOT NULL,
    order_id            text        NOT NULL,
    first_seen_at       timestamptz NOT NULL,
    -- The offset of the first record, in the same partition of orders.
    first_offset        bigint      NOT NULL,
    detected_at         timestamptz NOT NULL,
    consumer_id         text        NOT NULL,
    source_partition    integer     NOT NULL,
    source_offset       bigint      NOT NULL,
    sunk_at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (__connect_topic, __connect_partition, __connect_offset)
);

CREATE INDEX duplicate_messages_by_order ON duplicate_messages (order_id);
