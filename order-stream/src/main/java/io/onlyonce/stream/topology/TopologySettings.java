package io.onlyonce.stream.topology;

import java.time.Duration;

/**
 * Settings of the topology. None of them changes the name of a node or of a store.
 *
 * @param retention how long an order_id stays in the dedup store
 * @param consumerId the name of this instance, which is written into its output records
 */
public record TopologySettings(Mode mode, Duration retention, String consumerId) {}
