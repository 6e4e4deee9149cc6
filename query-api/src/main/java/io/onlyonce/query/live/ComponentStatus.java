package io.onlyonce.query.live;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a component, according to the checks of this service.
 *
 * @param running whether a process listens at the address of the component; also true for a frozen process
 * @param reason the reason why the component cannot do its job, or a remark; null if there is none
 * @param since the time of the last change of the state
 * @param checkedAt the time of the last check that completed
 */
record ComponentStatus(
        ComponentName name,
        State state,
        boolean running,
        @Nullable String reason,
        Instant since,
        Instant checkedAt) {
    enum State {
        @JsonProperty("ok")
        OK,
        /** The component cannot do its job, because a component that it needs has failed. */
        @JsonProperty("affected")
        AFFECTED,
        @JsonProperty("failed")
        FAILED
    }
}
