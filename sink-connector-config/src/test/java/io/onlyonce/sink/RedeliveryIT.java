package io.onlyonce.sink;

import static io.onlyonce.sink.SinkStack.awaitSlowly;
import static io.onlyonce.sink.SinkStack.record;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.model.kafka.Sink;
import io.onlyonce.platform.TerminationStyle;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Redelivered records do not add rows, and failed tasks restart. Processes are killed with SIGKILL. */
@Tag("soak")
class RedeliveryIT {
    private static final int KILLS = 2;

    /** All counters except those of the last minute, which change with time. */
    private static final String TOTALS =
            "SELECT concat_ws(' ', messages, orders, duplicates_emitted, duplicates_rejected, conflicts,"
                    + " first_processed, last_processed) FROM processing_totals";

    private final SinkStack stack = SinkStack.shared();
    private final String prefix = UUID.randomUUID().toString();

    @AfterEach
    void tables_match_the_topics_and_all_servers_run() {
        stack.platform().postgres().start();
        stack.platform().connect().start();
        stack.awaitTablesMatchTopics();
    }

    /** PostgresSinkIT injects this fault into the transactional sink. */
    @Test
    @EnabledIfSystemProperty(named = "sink", matches = "debezium")
    void a_worker_killed_between_the_databases_commit_and_its_own_adds_no_row() {
        SinkStack.Load load = stack.load(prefix, 100);
        try {
            for (int kills = 0; kills < KILLS; kills++) {
                int before = rows();
                awaitSlowly().until(() -> rows() > before + 100);
                killBeforeOffsetCommit();
                stack.platform().connect().start();
            }
        } finally {
            load.stop();
        }
    }

    /** Kills the worker when rows are stored whose offsets are not yet committed. */
    private void killBeforeOffsetCommit() {
        awaitSlowly().until(() -> {
            stack.platform().connect().freeze();
            if (rowsAfterCommittedOffset() > 0) {
                stack.platform().connect().stop(TerminationStyle.ABRUPT);
                return true;
            }
            stack.platform().connect().thaw();
            return false;
        });
    }

    private long rowsAfterCommittedOffset() {
        Map<Integer, Long> committed = stack.committedOffsets(stack.sink().processedMessagesConnector());
        return stack.processedMessages().keySet().stream()
                .filter(row -> row.offset() >= committed.getOrDefault(row.partition(), 0L))
                .count();
    }

    private int rows() {
        return Integer.parseInt(stack.queryOne("SELECT count(*) FROM processed_messages"));
    }

    @Test
    void reading_all_records_again_leaves_the_same_rows() {
        List<String> tables = List.of("orders", "processed_messages", "duplicate_messages");
        stack.commit(record(0, prefix + "-twice"));
        stack.commit(List.of(record(0, prefix + "-twice"), record(1, prefix + "-once")));
        stack.awaitTablesMatchTopics();
        Map<String, List<String>> before = contents(tables);
        String totals = stack.queryOne(TOTALS);
        long newest = newestVersion();

        for (String connector : stack.sink().connectors()) {
            stack.awaitConnect("PUT", "/connectors/" + connector + "/stop");
        }
        for (String connector : stack.sink().connectors()) {
            stack.awaitState(connector, "STOPPED");
            stack.awaitConnect("DELETE", "/connectors/" + connector + "/offsets");
            stack.awaitConnect("PUT", "/connectors/" + connector + "/resume");
        }

        // An update with the same values writes a new version of the row.
        for (String table : List.of("orders", "processed_messages")) {
            awaitSlowly()
                    .until(() -> stack.queryOne(
                                    "SELECT count(*) FROM " + table + " WHERE xmin::text::bigint <= " + newest)
                            .equals("0"));
        }
        assertThat(contents(tables)).isEqualTo(before);
        assertThat(stack.queryOne(TOTALS)).isEqualTo(totals);
    }

    /** Returns each row with all columns, including the time of the first write. */
    private Map<String, List<String>> contents(List<String> tables) {
        return tables.stream()
                .collect(toMap(table -> table, table -> stack.query("SELECT t::text FROM " + table + " t ORDER BY 1")));
    }

    private long newestVersion() {
        return Long.parseLong(
                stack.queryOne("SELECT max(v) FROM (SELECT max(xmin::text::bigint) v FROM orders UNION ALL"
                        + " SELECT max(xmin::text::bigint) FROM processed_messages) versions"));
    }

    /** PostgresSinkIT injects this fault into the transactional sink. */
    @Test
    @EnabledIfSystemProperty(named = "sink", matches = "debezium")
    void nothing_is_lost_if_the_database_is_killed_and_restarted() {
        SinkStack.Load load = stack.load(prefix, 100);
        try {
            int before = rows();
            awaitSlowly().until(() -> rows() > before + 100);
            stack.platform().postgres().stop(TerminationStyle.ABRUPT);
            int sent = load.sent();
            awaitSlowly().until(() -> load.sent() > sent + 100);
            stack.platform().postgres().start();
        } finally {
            load.stop();
        }
    }

    @Test
    void tasks_that_start_while_the_database_is_down_continue_automatically() {
        stack.platform().postgres().stop(TerminationStyle.ABRUPT);
        for (String connector : stack.sink().connectors()) {
            stack.awaitConnect("POST", "/connectors/" + connector + "/restart?includeTasks=true");
            // A task of the transactional sink waits for the database instead.
            awaitSlowly()
                    .until(() -> stack.sink() == Sink.TRANSACTIONAL
                            || stack.status(connector).tasks().stream()
                                    .anyMatch(task -> task.state().equals("FAILED")));
        }
        stack.commit(record(0, prefix + "-meanwhile"));
        stack.platform().postgres().start();
        awaitSlowly().until(() -> stack.count("orders", prefix + "-meanwhile") == 1);
        for (String connector : stack.sink().connectors()) {
            awaitSlowly().until(() -> stack.status(connector).isRunning());
        }
    }
}
