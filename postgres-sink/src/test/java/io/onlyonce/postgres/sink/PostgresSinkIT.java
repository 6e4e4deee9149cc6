package io.onlyonce.postgres.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.platform.TerminationStyle;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class PostgresSinkIT {
    private static final SinkFixture SINK = SinkFixture.shared();

    @Test
    void a_record_becomes_one_row_in_each_of_its_tables_with_exact_values() {
        var pipeline = SINK.pipeline("exact").connect();
        pipeline.send(List.of(SinkFixture.payment("p-1", "1234567890.1200")));
        pipeline.awaitRows(1);
        assertThat(SINK.text("SELECT amount || ' ' || tags || ' ' || at FROM exact"))
                .isEqualTo("1234567890.12 [\"a\\tb\", \"größe \\\\ 靴\"] 2026-11-28 10:00:00.123456+00");
        assertThat(SINK.text("SELECT topic || ' ' || (\"offset\" >= 0) FROM exact_log"))
                .isEqualTo("exact true");
        assertThat(SINK.number(
                        "SELECT count(*) FROM sink_offsets WHERE connector = 'exact' AND next_offset IS NOT NULL"))
                .isEqualTo(1);
    }

    @Test
    void a_repeated_key_replaces_the_row_of_an_upserted_table_and_is_appended_to_the_other() {
        var pipeline = SINK.pipeline("repeated").connect();
        pipeline.send(List.of(SinkFixture.payment("same", "1.00")));
        pipeline.awaitRows(1);
        pipeline.send(List.of(SinkFixture.payment("same", "1.00"), SinkFixture.payment("other", "5.00")));
        SinkFixture.patiently()
                .untilAsserted(() ->
                        assertThat(List.of(pipeline.rows(), pipeline.logRows())).containsExactly(2L, 3L));
    }

    @Test
    void records_that_cannot_be_stored_go_to_the_dead_letter_topic_and_all_others_are_stored() {
        var pipeline = SINK.pipeline("invalid").connect();
        List<String> values = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            values.add(SinkFixture.payment("good-" + i, "1.00"));
        }
        // Found by the conversion: too many decimals, half a surrogate pair. Found by PostgreSQL: the CHECK constraint.
        values.add(17, SinkFixture.payment("fraction", "1.001"));
        values.add(133, SinkFixture.payment("\\ud83d", "1.00"));
        values.add(201, SinkFixture.payment("refused", "1.00"));
        values.add("no JSON");
        pipeline.send(values);
        pipeline.awaitRows(300);
        SinkFixture.patiently()
                .untilAsserted(() -> assertThat(pipeline.deadLetters()).isEqualTo(4));
        pipeline.sendPayments("after", 10);
        pipeline.awaitRows(310);
    }

    @Test
    @Tag("slow")
    void kills_and_freezes_of_the_worker_and_of_the_database_lose_and_duplicate_no_row() throws Exception {
        var pipeline = SINK.pipeline("killed").connect();
        AtomicInteger samples = new AtomicInteger();
        AtomicInteger disagreements = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        // On two processors, the common pool has one thread.
        ExecutorService threads = Executors.newFixedThreadPool(2);
        Future<Integer> load = threads.submit(() -> {
            int sent = 0;
            while (!done.get()) {
                pipeline.sendPayments("load-" + sent, 20);
                sent += 20;
                LockSupport.parkNanos(20_000_000);
            }
            return sent;
        });
        // Finds the last row of a partition in the watcher's query.
        SINK.execute("CREATE INDEX ON killed_log (topic, partition, \"offset\")");
        Future<?> watcher = threads.submit(() -> {
            while (!done.get()) {
                watch(done, samples, disagreements);
            }
        });
        for (int round = 0; round < 4; round++) {
            Thread.sleep(2_000);
            var connect = SINK.platform().connect();
            var postgres = SINK.platform().postgres();
            switch (round) {
                case 0, 3 -> {
                    connect.stop(TerminationStyle.ABRUPT);
                    connect.start();
                }
                case 1 -> {
                    postgres.stop(TerminationStyle.ABRUPT);
                    postgres.start();
                }
                default -> {
                    connect.freeze();
                    Thread.sleep(8_000);
                    connect.thaw();
                }
            }
        }
        Thread.sleep(2_000);
        done.set(true);
        int sent = load.get();
        watcher.get();
        threads.shutdown();
        assertThat(samples).hasValueGreaterThan(500);
        assertThat(disagreements)
                .as("samples in which the tables or the offsets disagreed")
                .hasValue(0);
        pipeline.awaitRows(sent);
        assertThat(SINK.number(
                        "SELECT count(*) FROM (SELECT DISTINCT topic, partition, \"offset\" FROM killed_log) AS d"))
                .isEqualTo(sent);
    }

    /** Compares the tables and the offsets until the connection breaks: many times per batch, each time in one snapshot. */
    private static void watch(AtomicBoolean done, AtomicInteger samples, AtomicInteger disagreements) {
        try (Connection connection = SINK.connection();
                PreparedStatement query = connection.prepareStatement("""
                        SELECT (SELECT count(*) FROM killed) - (SELECT count(*) FROM killed_log)
                             + (SELECT count(*) FROM sink_offsets o
                                 WHERE o.connector = 'killed'
                                   AND EXISTS (SELECT FROM killed_log l
                                                WHERE l.topic = o.topic AND l.partition = o.partition
                                                  AND l."offset" >= coalesce(o.next_offset, 0)))""")) {
            while (!done.get()) {
                try (ResultSet result = query.executeQuery()) {
                    result.next();
                    samples.incrementAndGet();
                    disagreements.addAndGet(result.getLong(1) == 0 ? 0 : 1);
                }
                LockSupport.parkNanos(1_000_000);
            }
        } catch (SQLException e) {
            // The database is down at this moment, or the connector has not created its table yet.
            System.err.println("No samples: " + e.getMessage());
            LockSupport.parkNanos(50_000_000);
        }
    }

    @Test
    void after_a_restore_of_older_tables_the_missing_rows_are_written_again() {
        var pipeline = SINK.pipeline("restored").connect();
        pipeline.sendPayments("before", 50);
        pipeline.awaitRows(50);
        SINK.execute("""
                CREATE TABLE restored_backup AS SELECT * FROM restored;
                CREATE TABLE restored_log_backup AS SELECT * FROM restored_log;
                CREATE TABLE offsets_backup AS SELECT * FROM sink_offsets WHERE connector = 'restored'""");
        pipeline.sendPayments("after", 50);
        pipeline.awaitRows(100);
        SINK.execute("""
                BEGIN;
                DELETE FROM restored; DELETE FROM restored_log; DELETE FROM sink_offsets WHERE connector = 'restored';
                INSERT INTO restored SELECT * FROM restored_backup;
                INSERT INTO restored_log SELECT * FROM restored_log_backup;
                INSERT INTO sink_offsets SELECT * FROM offsets_backup;
                COMMIT""");
        // Without a new record, which could also show the task that the offsets have changed.
        pipeline.awaitRows(100);
        pipeline.sendPayments("later", 50);
        pipeline.awaitRows(150);
    }

    @Test
    void an_idle_partition_is_not_reported_as_lost_after_retention_has_deleted_everything() {
        var pipeline = SINK.pipeline("idle").connect();
        pipeline.sendPayments("before", 30);
        pipeline.awaitRows(30);
        // Each partition ends with a transaction marker, which is not a record.
        SinkFixture.patiently()
                .untilAsserted(() -> assertThat(
                                SINK.texts(
                                        "SELECT next_offset::text FROM sink_offsets WHERE connector = 'idle' ORDER BY partition"))
                        .isEqualTo(pipeline.endOffsets()));
        SINK.rest("PUT", "/connectors/idle/stop", "");
        SinkFixture.patiently()
                .untilAsserted(() -> assertThat(pipeline.status()).contains("\"tasks\":[]"));
        pipeline.deleteRecords();
        SINK.rest("PUT", "/connectors/idle/resume", "");
        pipeline.sendPayments("after", 30);
        pipeline.awaitRows(60);
    }

    @Test
    void text_of_any_length_is_stored_unchanged() {
        var pipeline = SINK.pipeline("long").connect();
        // The driver encodes a Reader in blocks of 64 Ki characters. The text before the tag has 6 characters.
        String tag = "x".repeat(65_535 - 6) + "🧀";
        pipeline.send(List.of(
                "{\"id\":\"s\",\"amount\":1,\"tags\":[\"%s\"],\"at\":\"2026-11-28T10:00:00Z\"}".formatted(tag)));
        pipeline.awaitRows(1);
        assertThat(SINK.text("SELECT tags ->> 0 FROM long")).isEqualTo(tag);
    }

    @Test
    void a_key_that_exists_is_updated_in_a_table_with_generated_columns() {
        var pipeline = SINK.pipeline("generated");
        SINK.execute("ALTER TABLE generated ADD number bigint GENERATED ALWAYS AS IDENTITY");
        pipeline.connect();
        pipeline.send(List.of(SinkFixture.payment("same", "1.00")));
        pipeline.awaitRows(1);
        pipeline.send(List.of(SinkFixture.payment("same", "2.00")));
        SinkFixture.patiently()
                .untilAsserted(() ->
                        assertThat(SINK.text("SELECT amount FROM generated")).isEqualTo("2.00"));
    }

    @Test
    void a_task_whose_partition_was_claimed_by_another_one_writes_nothing() {
        var pipeline = SINK.pipeline("fenced");
        // With a second task, the partitions of the failed one would move to it.
        var config = pipeline.config();
        config.put("tasks.max", "1");
        pipeline.connect(config);
        pipeline.sendPayments("before", 30);
        pipeline.awaitRows(30);
        SINK.execute("UPDATE sink_offsets SET epoch = epoch + 1, owner = 'another task' WHERE connector = 'fenced'");
        pipeline.sendPayments("after", 30);
        SinkFixture.patiently()
                .untilAsserted(() -> assertThat(pipeline.status()).contains("This task was replaced"));
        assertThat(pipeline.rows()).isEqualTo(30);
    }

    @Test
    void an_open_transaction_of_a_replaced_task_does_not_block_its_replacement() throws Exception {
        var pipeline = SINK.pipeline("blocked").connect();
        pipeline.sendPayments("before", 30);
        pipeline.awaitRows(30);
        SINK.rest("PUT", "/connectors/blocked/stop", "");
        SinkFixture.patiently()
                .untilAsserted(() -> assertThat(pipeline.status()).contains("\"tasks\":[]"));
        String url = SINK.platform().jdbcUrl() + (SINK.platform().jdbcUrl().contains("?") ? "&" : "?");
        try (Connection frozen = java.sql.DriverManager.getConnection(
                url + "ApplicationName=sink%20blocked",
                SINK.platform().postgres().user(),
                SINK.platform().postgres().password())) {
            frozen.setAutoCommit(false);
            frozen.createStatement().execute("UPDATE sink_offsets SET epoch = epoch WHERE connector = 'blocked'");
            SINK.rest("PUT", "/connectors/blocked/resume", "");
            pipeline.sendPayments("after", 30);
            pipeline.awaitRows(60);
        }
    }

    @Test
    void a_recreated_topic_stops_the_task_with_both_offsets_in_the_message() {
        var pipeline = SINK.pipeline("recreated").connect();
        pipeline.sendPayments("before", 30);
        pipeline.awaitRows(30);
        SINK.rest("PUT", "/connectors/recreated/stop", "");
        SinkFixture.patiently()
                .untilAsserted(() -> assertThat(pipeline.status()).contains("\"tasks\":[]"));
        pipeline.recreateTopic();
        SINK.rest("PUT", "/connectors/recreated/resume", "");
        SinkFixture.patiently()
                .untilAsserted(
                        () -> assertThat(pipeline.status()).containsPattern("stored offset .* is [0-9]+.*ends at 0"));
        assertThat(pipeline.rows()).isEqualTo(30);

        // The documented way out: remove the stored offsets.
        SINK.rest("PUT", "/connectors/recreated/stop", "");
        SinkFixture.patiently().untilAsserted(() -> {
            var response = SINK.rest("DELETE", "/connectors/recreated/offsets", "");
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        });
        SINK.execute("TRUNCATE recreated, recreated_log");
        SINK.rest("PUT", "/connectors/recreated/resume", "");
        pipeline.sendPayments("again", 20);
        pipeline.awaitRows(20);
    }
}
