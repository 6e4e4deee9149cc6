package io.onlyonce.query.reset;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/** @param status always "reset": the system was empty before intake was resumed */
record ResetReport(String status, long elapsedMs, Removed removed, List<CompletedStep> steps) {
    /**
     * @param orders number of distinct order_ids
     * @param processedMessages number of rows, like `duplicateMessages`
     * @param topicOffsets number of offsets by topic, including transaction markers
     */
    record Removed(long orders, long processedMessages, long duplicateMessages, Map<String, Long> topicOffsets) {}

    /** @param note an unusual condition; null if there was none */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record CompletedStep(String step, long elapsedMs, String note) {}
}
