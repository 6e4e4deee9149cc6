package io.onlyonce.verifier.faults;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.onlyonce.verifier.faults.PlannedFault.Signal;
import java.time.Instant;

/**
 * An injected fault and its recovery.
 *
 * @param atS seconds since the start of the load
 * @param recoveryMs time from the restart (or from SIGCONT, or from the start of the replacement) to the first new
 *     output; null if there was none before the deadline
 * @param outageMs the same, measured from the signal
 * @param measuredBy the output that shows the recovery
 */
public record Fault(
        String part,
        Signal signal,
        @JsonFormat(shape = JsonFormat.Shape.STRING) Instant at,
        double atS,
        Long recoveryMs,
        Long outageMs,
        String measuredBy) {
    public boolean is(PlannedFault planned) {
        return part.equals(planned.component().wireName()) && signal == planned.signal();
    }
}
