package io.onlyonce.query.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.query.audit.AuditScope.CommittedOffsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The anomalies of one order_id. The source has offset 5 in partition 0 of `orders`. */
class OrderHistoryTest {
    private static final OrderFingerprint DIGEST = new OrderFingerprint(1, 2);
    private static final OrderFingerprint OTHER = new OrderFingerprint(3, 4);
    /** The same content with another created_at. */
    private static final OrderFingerprint OTHER_TIME = new OrderFingerprint(1, 3);

    private static final long TIME = 1_000;
    private static final long SOURCE = RecordCoordinates.of(0, 5);
    private static final long OUTPUT = RecordCoordinates.of(0, 50);

    private final Map<Integer, Long> consumed = new HashMap<>(Map.of(0, 10L));
    private final Set<Long> deadLetters = new HashSet<>();
    private final Set<Long> conflicts = new HashSet<>();
    private final Map<Integer, Long> stored = new HashMap<>(Map.of(0, 100L));
    private final Map<Integer, Long> ordersStart = new HashMap<>(Map.of(0, 0L));
    private final Map<Integer, Long> processedStart = new HashMap<>(Map.of(0, 0L));
    private final AuditScope scope = new AuditScope(
            new CommittedOffsets(consumed, stored, stored), deadLetters, conflicts, ordersStart, processedStart);
    private final OrderHistory history = new OrderHistory();

    @Test
    void an_order_with_one_record_and_one_row_in_each_table_is_clean() {
        stored();
        assertThat(anomalies()).isEmpty();
    }

    @Test
    void a_consumed_order_without_a_result_is_missing() {
        history.addSource(SOURCE, DIGEST, TIME);
        assertThat(anomalies()).containsExactly(Anomaly.MISSING);
    }

    @Test
    void an_order_that_the_stream_has_not_consumed_is_not_missing() {
        history.addSource(RecordCoordinates.of(0, 10), DIGEST, TIME);
        assertThat(anomalies()).isEmpty();
    }

    @Test
    void an_order_that_became_a_dead_letter_is_not_missing() {
        history.addSource(SOURCE, DIGEST, TIME);
        deadLetters.add(SOURCE);
        assertThat(anomalies()).isEmpty();
    }

    @Test
    void a_second_record_in_orders_with_the_same_content_is_not_an_anomaly() {
        stored();
        history.addSource(RecordCoordinates.of(0, 6), OTHER_TIME, TIME);
        assertThat(anomalies()).isEmpty();
    }

    @Test
    void a_rejected_record_with_other_content_must_be_marked_as_a_conflict() {
        stored();
        history.addSource(RecordCoordinates.of(0, 6), OTHER, TIME);
        assertThat(anomalies()).containsExactly(Anomaly.UNMARKED_CONFLICTS);
        conflicts.add(RecordCoordinates.of(0, 6));
        assertThat(anomalies()).isEmpty();
    }

    @Test
    void a_record_with_other_content_that_the_stream_has_not_consumed_is_not_an_anomaly() {
        stored();
        history.addSource(RecordCoordinates.of(0, 10), OTHER, TIME);
        assertThat(anomalies()).isEmpty();
    }

    @Test
    void an_order_waits_since_its_first_record_until_both_tables_contain_it() {
        history.addSource(SOURCE, DIGEST, TIME);
        history.addSource(RecordCoordinates.of(0, 6), DIGEST, TIME + 1);
        assertThat(history.notStoredSince(deadLetters)).hasValue(TIME);
        history.addProcessedRow(OUTPUT);
        assertThat(history.notStoredSince(deadLetters)).hasValue(TIME);
        history.setOrderRow(DIGEST, SOURCE);
        assertThat(history.notStoredSince(deadLetters)).isEmpty();
    }

    @Test
    void a_dead_letter_does_not_wait() {
        history.addSource(SOURCE, DIGEST, TIME);
        deadLetters.add(SOURCE);
        assertThat(history.notStoredSince(deadLetters)).isEmpty();
    }

    @Test
    void a_second_processed_record_is_an_emitted_duplicate() {
        stored();
        history.addOutput(RecordCoordinates.of(0, 51), SOURCE, DIGEST);
        history.addProcessedRow(RecordCoordinates.of(0, 51));
        assertThat(anomalies()).containsExactly(Anomaly.DUPLICATED);
    }

    @Test
    void a_processed_record_without_its_source_is_a_phantom() {
        history.addOutput(OUTPUT, SOURCE, DIGEST);
        history.addProcessedRow(OUTPUT);
        history.setOrderRow(DIGEST, SOURCE);
        assertThat(anomalies()).containsExactly(Anomaly.PHANTOM);
    }

    @Test
    void a_processed_record_whose_source_was_deleted_is_not_a_phantom() {
        history.addOutput(OUTPUT, SOURCE, DIGEST);
        history.addProcessedRow(OUTPUT);
        history.setOrderRow(DIGEST, SOURCE);
        ordersStart.put(0, 6L);
        assertThat(anomalies()).isEmpty();
        assertThat(history.isSourceDeleted(scope)).isTrue();
    }

    @Test
    void rows_of_an_uncommitted_record_are_phantoms() {
        history.addSource(SOURCE, DIGEST, TIME);
        consumed.put(0, 0L);
        history.addProcessedRow(OUTPUT);
        history.setOrderRow(DIGEST, SOURCE);
        assertThat(anomalies()).containsExactly(Anomaly.PHANTOM);
    }

    @Test
    void a_second_row_without_a_record_is_a_phantom_and_a_duplicate() {
        stored();
        history.addProcessedRow(RecordCoordinates.of(0, 49));
        assertThat(anomalies()).containsExactlyInAnyOrder(Anomaly.PHANTOM, Anomaly.DUPLICATED);
    }

    @Test
    void a_processed_record_that_differs_from_its_source_is_altered() {
        history.addSource(SOURCE, DIGEST, TIME);
        history.addOutput(OUTPUT, SOURCE, OTHER);
        history.addProcessedRow(OUTPUT);
        history.setOrderRow(OTHER, SOURCE);
        assertThat(anomalies()).containsExactly(Anomaly.ALTERED);
    }

    @Test
    void a_processed_record_is_compared_with_the_source_that_it_names() {
        history.addSource(SOURCE, DIGEST, TIME);
        history.addSource(RecordCoordinates.of(0, 6), OTHER, TIME);
        history.addOutput(OUTPUT, RecordCoordinates.of(0, 6), DIGEST);
        history.addProcessedRow(OUTPUT);
        history.setOrderRow(DIGEST, RecordCoordinates.of(0, 6));
        assertThat(anomalies()).containsExactly(Anomaly.ALTERED);
    }

    @Test
    void a_row_that_differs_from_its_record_is_altered() {
        history.addSource(SOURCE, DIGEST, TIME);
        history.addOutput(OUTPUT, SOURCE, DIGEST);
        history.addProcessedRow(OUTPUT);
        history.setOrderRow(OTHER, SOURCE);
        assertThat(anomalies()).containsExactly(Anomaly.ALTERED);
    }

    @Test
    void a_record_that_the_connector_consumed_without_a_row_is_reported() {
        history.addSource(SOURCE, DIGEST, TIME);
        history.addOutput(OUTPUT, SOURCE, DIGEST);
        history.addProcessedRow(OUTPUT);
        assertThat(anomalies()).containsExactly(Anomaly.ROWS_MISSING);
        stored.put(0, 50L);
        assertThat(anomalies()).isEmpty();
    }

    @Test
    void a_row_replaces_the_processed_record_that_retention_deleted() {
        history.addSource(SOURCE, DIGEST, TIME);
        history.addProcessedRow(OUTPUT);
        history.setOrderRow(DIGEST, SOURCE);
        processedStart.put(0, 51L);
        assertThat(anomalies()).isEmpty();
        assertThat(history.isSourceDeleted(scope)).isTrue();
    }

    @Test
    void a_row_of_a_deleted_record_is_compared_with_the_source() {
        history.addSource(SOURCE, DIGEST, TIME);
        history.addProcessedRow(OUTPUT);
        history.setOrderRow(OTHER, SOURCE);
        processedStart.put(0, 51L);
        assertThat(anomalies()).containsExactly(Anomaly.ALTERED);
    }

    private void stored() {
        history.addSource(SOURCE, DIGEST, TIME);
        history.addOutput(OUTPUT, SOURCE, DIGEST);
        history.addProcessedRow(OUTPUT);
        history.setOrderRow(DIGEST, SOURCE);
    }

    private Set<Anomaly> anomalies() {
        return history.anomalies(scope);
    }
}
