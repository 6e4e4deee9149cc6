package io.onlyonce.query.reset;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * @param status "reset": the system was empty when intake was resumed
 * @param removed what was there before
 */
record ResetReport(String status, long elapsedMs, Removed removed, List<Done> steps) {
    /**
     * @param orders distinct orders stored, `processedMessages` and `duplicateMessages` rows of those tables
     * @param topicOffsets by topic: records, and the markers of their transactions
     */
    record Removed(long orders, long processedMessages, long duplicateMessages, Map<String, Long> topicOffsets) {}

    /** @param note what was not as usual */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Done(Step step, long elapsedMs, String note) {}
}
