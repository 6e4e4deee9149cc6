package io.onlyonce.stream.topology;

import io.onlyonce.model.ProcessingMode;

/**
 * The processing mode of the topology.
 *
 * @param processing the processing guarantee of Kafka Streams
 * @param deduplicating whether duplicates are rejected. If false, the dedup store is neither read nor written
 */
public record Mode(ProcessingMode processing, boolean deduplicating) {
    public static final Mode EXACTLY_ONCE = new Mode(ProcessingMode.EXACTLY_ONCE, true);

    /** The pipeline for comparison: a crash causes duplicates in its output. */
    public static final Mode AT_LEAST_ONCE = new Mode(ProcessingMode.AT_LEAST_ONCE, false);

    public static Mode of(ProcessingMode processing) {
        return switch (processing) {
            case EXACTLY_ONCE -> EXACTLY_ONCE;
            case AT_LEAST_ONCE -> AT_LEAST_ONCE;
        };
    }
}
