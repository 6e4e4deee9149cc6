package io.onlyonce.ingest;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * The defaults and their reasons stand in {@code application.yaml}.
 *
 * @param bodyMaxBytes of a request
 * @param batchMaxOrders in one request
 * @param pauseLease after which a paused intake resumes by itself
 * @param pausePatience how long a pause waits for what is in flight
 * @param pausedMaxRequests that wait for a paused intake to resume
 */
@ConfigurationProperties("onlyonce.ingest")
record IngestProperties(
        DataSize bodyMaxBytes, int batchMaxOrders, Duration pauseLease, Duration pausePatience, int pausedMaxRequests) {
    IngestProperties {
        if (bodyMaxBytes.toBytes() < 1 || bodyMaxBytes.toBytes() > Integer.MAX_VALUE / 2) {
            throw new IllegalArgumentException("onlyonce.ingest.body-max-bytes cannot be " + bodyMaxBytes);
        }
        if (batchMaxOrders < 1) {
            throw new IllegalArgumentException("onlyonce.ingest.batch-max-orders cannot be " + batchMaxOrders);
        }
    }
}
