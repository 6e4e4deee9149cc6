package io.onlyonce.verifier;

/** Defects of the {@link TinyPipeline}. */
enum Sabotage {
    /** Emits one in 50 orders twice. */
    EMITS_TWICE,
    /** Skips one in 50 orders. */
    DROPS,
    /** Converts the total to binary floating point. */
    ROUNDS_MONEY,
    /** Processes duplicates. */
    DOES_NOT_DEDUPLICATE,
    /** Acknowledges before the commit, and does not commit one in 50 requests. */
    ACKNOWLEDGES_TOO_EARLY,
    /** Does not commit the last order of a batch. */
    SPLITS_BATCHES,
    /** Accepts invalid orders. */
    DOES_NOT_VALIDATE,
    /** The sink reads uncommitted records. */
    SINKS_UNCOMMITTED,
    /** The sink skips one in 50 records. */
    SINK_SKIPS
}
