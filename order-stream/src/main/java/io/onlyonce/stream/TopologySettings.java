package io.onlyonce.stream;

import java.time.Duration;

/**
 * What the topology is built with. None of it changes a node's or a store's name.
 *
 * @param mode the guarantee written into processed orders, and whether to deduplicate
 * @param retention how long an order_id is remembered
 * @param consumerId this instance's name, written into what it emits
 */
record TopologySettings(Mode mode, Duration retention, String consumerId) {}
