package io.onlyonce.stream.topology;

import io.onlyonce.model.ProcessingMode;

/**
 * The processing mode of the topology.
 *
 * @param processing the processing guarantee of Kafka Streams
 * @param deduplicating whether duplicates are rejected. If false, the dedup store is neither read nor written
 */
public record Mode(ProcessingMode processing, boolean deduplicating) {
    public static final Mode EXACTLY_ONCE = of(ProcessingMode.EXACTLY_ONCE);

    /** The pipeline for comparison: a crash causes duplicates in its output. */
    public static final Mode AT_LEAST_ONCE = of(ProcessingMode.AT_LEAST_ONCE);

    public static Mode of(ProcessingMode processing) {
        return new Mode(processing, processing == ProcessingMode.EXACTLY_ONCE);
    }
}
