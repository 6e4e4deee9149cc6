package io.onlyonce.query.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One order_id, all that can be said of it, and the verdict. The source is offset 5 of `orders`, partition 0. */
class AccountTest {
    private static final Content CONTENT = new Content(1, 2);
    private static final Content OTHER = new Content(3, 4);
    private static final long SOURCE = At.of(0, 5);
    private static final long OUTPUT = At.of(0, 50);

    private final Map<Integer, Long> passed = new HashMap<>(Map.of(0, 10L));
    private final Set<Long> deadLetters = new HashSet<>();
    private final Map<Integer, Long> sunk = new HashMap<>(Map.of(0, 100L));
    private final Map<Integer, Long> ordersStart = new HashMap<>(Map.of(0, 0L));
    private final Map<Integer, Long> processedStart = new HashMap<>(Map.of(0, 0L));
    private final Horizon horizon = new Horizon(passed, deadLetters, sunk, sunk, ordersStart, processedStart);
    private final Account account = new Account();

    @Test
    void an_order_with_one_record_and_one_row_in_each_table_is_clean() {
        stored();
        assertThat(faults()).isEmpty();
    }

    @Test
    void an_order_that_the_stream_has_passed_without_an_outcome_is_missing() {
        account.source(SOURCE, CONTENT);
        assertThat(faults()).containsExactly(Fault.MISSING);
    }

    @Test
    void an_order_that_the_stream_has_not_passed_is_not_missing_yet() {
        account.source(At.of(0, 10), CONTENT);
        assertThat(faults()).isEmpty();
    }

    @Test
    void an_order_that_became_a_dead_letter_is_not_missing() {
        account.source(SOURCE, CONTENT);
        deadLetters.add(SOURCE);
        assertThat(faults()).isEmpty();
    }

    @Test
    void a_second_record_in_orders_is_a_duplicate_to_be_rejected_and_no_fault() {
        stored();
        account.source(At.of(0, 6), OTHER);
        assertThat(faults()).isEmpty();
    }

    @Test
    void a_second_processed_record_is_a_duplicate_let_through() {
        stored();
        account.output(At.of(0, 51), SOURCE, CONTENT);
        account.row(At.of(0, 51));
        assertThat(faults()).containsExactly(Fault.DUPLICATED);
    }

    @Test
    void a_processed_record_without_its_source_is_a_phantom() {
        account.output(OUTPUT, SOURCE, CONTENT);
        account.row(OUTPUT);
        account.orderRow(CONTENT, SOURCE);
        assertThat(faults()).containsExactly(Fault.PHANTOM);
    }

    @Test
    void a_processed_record_whose_source_retention_has_deleted_is_no_phantom() {
        account.output(OUTPUT, SOURCE, CONTENT);
        account.row(OUTPUT);
        account.orderRow(CONTENT, SOURCE);
        ordersStart.put(0, 6L);
        assertThat(faults()).isEmpty();
        assertThat(account.isSourceDeleted(horizon)).isTrue();
    }

    @Test
    void rows_of_a_record_that_was_never_committed_are_phantoms() {
        account.source(SOURCE, CONTENT);
        passed.put(0, 0L);
        account.row(OUTPUT);
        account.orderRow(CONTENT, SOURCE);
        assertThat(faults()).containsExactly(Fault.PHANTOM);
    }

    @Test
    void a_row_beside_the_one_of_the_processed_record_is_a_phantom_and_a_duplicate() {
        stored();
        account.row(At.of(0, 49));
        assertThat(faults()).containsExactlyInAnyOrder(Fault.PHANTOM, Fault.DUPLICATED);
    }

    @Test
    void a_processed_record_that_says_something_else_than_its_source_is_altered() {
        account.source(SOURCE, CONTENT);
        account.output(OUTPUT, SOURCE, OTHER);
        account.row(OUTPUT);
        account.orderRow(OTHER, SOURCE);
        assertThat(faults()).containsExactly(Fault.ALTERED);
    }

    @Test
    void an_order_is_compared_with_its_own_source_and_not_with_a_later_record_of_the_same_id() {
        account.source(SOURCE, CONTENT);
        account.source(At.of(0, 6), OTHER);
        account.output(OUTPUT, At.of(0, 6), CONTENT);
        account.row(OUTPUT);
        account.orderRow(CONTENT, At.of(0, 6));
        assertThat(faults()).containsExactly(Fault.ALTERED);
    }

    @Test
    void a_row_that_says_something_else_than_its_record_is_altered() {
        account.source(SOURCE, CONTENT);
        account.output(OUTPUT, SOURCE, CONTENT);
        account.row(OUTPUT);
        account.orderRow(OTHER, SOURCE);
        assertThat(faults()).containsExactly(Fault.ALTERED);
    }

    @Test
    void a_record_that_the_connector_has_passed_without_a_row_is_short_of_it() {
        account.source(SOURCE, CONTENT);
        account.output(OUTPUT, SOURCE, CONTENT);
        account.row(OUTPUT);
        assertThat(faults()).containsExactly(Fault.ROWS_MISSING);
        sunk.put(0, 50L);
        assertThat(faults()).isEmpty();
    }

    @Test
    void a_row_stands_in_for_the_processed_record_that_retention_has_deleted() {
        account.source(SOURCE, CONTENT);
        account.row(OUTPUT);
        account.orderRow(CONTENT, SOURCE);
        processedStart.put(0, 51L);
        assertThat(faults()).isEmpty();
        assertThat(account.isSourceDeleted(horizon)).isTrue();
    }

    @Test
    void a_row_of_a_deleted_record_is_still_compared_with_the_source() {
        account.source(SOURCE, CONTENT);
        account.row(OUTPUT);
        account.orderRow(OTHER, SOURCE);
        processedStart.put(0, 51L);
        assertThat(faults()).containsExactly(Fault.ALTERED);
    }

    private void stored() {
        account.source(SOURCE, CONTENT);
        account.output(OUTPUT, SOURCE, CONTENT);
        account.row(OUTPUT);
        account.orderRow(CONTENT, SOURCE);
    }

    private Set<Fault> faults() {
        return account.faults(horizon);
    }
}
