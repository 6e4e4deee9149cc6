package io.onlyonce.verifier;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.time.Instant;

/**
 * One fault that was injected, and how long the system took to get over it.
 *
 * @param part the contract's name of what was hit
 * @param signal SIGKILL or SIGSTOP
 * @param at when
 * @param atS seconds since the load began
 * @param recoveryMs from starting the part again (or waking it, or starting its replacement) to the first new output seen
 *     by a reader of committed data, where {@code measuredBy} says what output; null where there was none in time
 * @param outageMs the same, from the signal on
 * @param measuredBy what the recovery was seen by
 */
public record Injury(
        String part,
        String signal,
        @JsonFormat(shape = JsonFormat.Shape.STRING) Instant at,
        double atS,
        Long recoveryMs,
        Long outageMs,
        String measuredBy) {
    static final String SIGKILL = "SIGKILL";
    static final String SIGSTOP = "SIGSTOP";

    static String signal(Fault fault) {
        return switch (fault) {
            case Fault.Kill _ -> SIGKILL;
            case Fault.Freeze _ -> SIGSTOP;
        };
    }

    boolean is(Fault fault) {
        return part.equals(fault.part().wireName()) && signal.equals(signal(fault));
    }
}
