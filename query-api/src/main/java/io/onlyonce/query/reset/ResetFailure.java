package io.onlyonce.query.reset;

import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;

/** A reset that did not come to its end. The parts are running again, as far as they would; it may be tried again. */
final class ResetFailure extends ErrorResponseException {
    private static final long serialVersionUID = 1L;

    ResetFailure(Step step, String reason, List<ResetReport.Done> done, Throwable cause) {
        super(HttpStatus.SERVICE_UNAVAILABLE, cause);
        setTitle("The reset failed");
        setDetail("Could not " + step.wireName() + ": " + reason);
        getBody().setProperty("step", step);
        getBody().setProperty("steps", done);
    }
}
