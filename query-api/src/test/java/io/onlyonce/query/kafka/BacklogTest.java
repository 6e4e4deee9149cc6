package io.onlyonce.query.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The log contains records at the offsets 10 and 12; the other offsets are transaction markers. */
class BacklogTest {
    private final Backlog backlog = new Backlog();

    private void scanned(long next, long end) {
        backlog.moveTo(next, end);
        backlog.addRecord(10, 1_000);
        backlog.addRecord(12, 2_000);
        backlog.scannedTo(end);
    }

    @Test
    void transaction_markers_are_not_counted() {
        scanned(8, 14);
        assertThat(backlog.isScanned()).isTrue();
        assertThat(backlog.records()).isEqualTo(2);
        assertThat(backlog.offsets()).as("from the first record to the end").isEqualTo(4);
        assertThat(backlog.oldest()).hasValue(1_000);
    }

    @Test
    void the_known_records_remain_when_the_consumer_and_the_log_advance() {
        scanned(8, 14);
        backlog.moveTo(11, 15);
        assertThat(backlog.isScanned()).isFalse();
        assertThat(backlog.scannedTo()).isEqualTo(14);
        assertThat(backlog.records())
                .as("one record, and one offset that is not scanned")
                .isEqualTo(2);
        backlog.scannedTo(15);
        assertThat(backlog.records()).isEqualTo(1);
        assertThat(backlog.oldest()).hasValue(2_000);
    }

    @Test
    void a_consumer_that_goes_back_starts_a_new_scan() {
        scanned(8, 14);
        backlog.moveTo(3, 14);
        assertThat(backlog.scannedTo()).isEqualTo(3);
        assertThat(backlog.oldest()).isEmpty();
    }

    @Test
    void a_topic_that_was_created_again_starts_a_new_scan() {
        scanned(8, 14);
        backlog.moveTo(0, 5);
        assertThat(backlog.scannedTo()).isZero();
        assertThat(backlog.records()).isEqualTo(5);
    }

    @Test
    void a_consumer_ahead_of_the_log_has_no_unread_records() {
        backlog.moveTo(20, 14);
        assertThat(backlog.isScanned()).isTrue();
        assertThat(backlog.records()).isZero();
        assertThat(backlog.offsets()).isZero();
    }

    @Test
    void only_the_first_record_of_a_large_backlog_is_scanned() {
        backlog.moveTo(0, Backlog.MAX_COUNTED_OFFSETS + 1);
        assertThat(backlog.isScanned()).isFalse();
        backlog.addRecord(10, 1_000);
        backlog.scannedTo(11);
        assertThat(backlog.isScanned()).isTrue();
        assertThat(backlog.records()).as("upper bound").isEqualTo(Backlog.MAX_COUNTED_OFFSETS - 9);
    }

    @Test
    void records_before_the_stored_position_are_not_counted() {
        scanned(8, 14);
        assertThat(backlog.recordsFrom(11)).isEqualTo(1);
        assertThat(backlog.recordsFrom(14)).isZero();
        assertThat(backlog.recordsFrom(99)).isZero();
    }
}
