package io.onlyonce.stream;

import io.onlyonce.model.ProcessingMode;

/**
 * How the stream works.
 *
 * @param processing what a crash may do to an order
 * @param deduplicating whether an order_id that was seen before is rejected; if not, the memory is neither asked nor
 *     written
 */
record Mode(ProcessingMode processing, boolean deduplicating) {
    static final Mode EXACTLY_ONCE = new Mode(ProcessingMode.EXACTLY_ONCE, true);

    /** The pipeline that the lab compares with: a crash shows as duplicates. */
    static final Mode AT_LEAST_ONCE = new Mode(ProcessingMode.AT_LEAST_ONCE, false);

    static Mode of(ProcessingMode processing) {
        return switch (processing) {
            case EXACTLY_ONCE -> EXACTLY_ONCE;
            case AT_LEAST_ONCE -> AT_LEAST_ONCE;
        };
    }
}
