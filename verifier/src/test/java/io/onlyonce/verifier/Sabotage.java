package io.onlyonce.verifier;

/** A way in which the {@link TinyPipeline} breaks the contract. */
enum Sabotage {
    NONE,
    /** One in fifty comes out twice. */
    EMITS_TWICE,
    /** One in fifty is read and forgotten. */
    DROPS,
    /** The total goes through binary floating point. */
    ROUNDS_MONEY,
    /** Repetitions are not looked for. */
    DOES_NOT_DEDUPLICATE,
    /** An acknowledgement is given before the commit, which one in fifty times does not come. */
    ACKNOWLEDGES_TOO_EARLY,
    /** The orders of a batch are committed one by one, and not all of them. */
    SPLITS_BATCHES,
    /** Takes whatever is sent. */
    DOES_NOT_VALIDATE,
    /** The sink reads what is not committed. */
    SINKS_UNCOMMITTED,
    /** The sink passes over one in fifty. */
    SINK_SKIPS
}
