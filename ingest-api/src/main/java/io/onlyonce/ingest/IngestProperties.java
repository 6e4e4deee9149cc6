package io.onlyonce.ingest;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * The defaults and their reasons are in {@code application.yaml}.
 *
 * @param pauseLease time after which a paused intake resumes automatically
 * @param pauseTimeout how long a pause waits for the requests in flight
 * @param pausedMaxRequests limit of the requests that wait for the intake to resume
 * @param replayCacheMaxBytes estimated size of the responses that are kept for repeated Idempotency-Keys
 */
@ConfigurationProperties("onlyonce.ingest")
record IngestProperties(
        int batchMaxOrders,
        Duration pauseLease,
        Duration pauseTimeout,
        int pausedMaxRequests,
        DataSize replayCacheMaxBytes) {
    IngestProperties {
        if (batchMaxOrders < 1) {
            throw new IllegalArgumentException(
                    "onlyonce.ingest.batch-max-orders must be at least 1, but was " + batchMaxOrders);
        }
    }
}
