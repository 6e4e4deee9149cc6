package io.onlyonce.stream.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RestorationTest {
    private static final TopicPartition FIRST = new TopicPartition("changelog", 0);
    private static final TopicPartition SECOND = new TopicPartition("changelog", 1);

    private final Restoration restoration = new Restoration();

    @Test
    void the_progress_names_the_remaining_records_until_all_partitions_are_restored() {
        assertThat(restoration.progress()).isEmpty();
        restoration.onRestoreStart(FIRST, "store", 100, 300);
        restoration.onRestoreStart(SECOND, "store", 0, 50);
        restoration.onBatchRestored(FIRST, "store", 150, 40);
        assertThat(restoration.progress())
                .hasValue("restoring the dedup store, about 210 records remaining in 2 partitions");
        restoration.onRestoreEnd(FIRST, "store", 200);
        restoration.onRestoreSuspended(SECOND, "store", 0);
        assertThat(restoration.progress()).isEmpty();
    }
}
