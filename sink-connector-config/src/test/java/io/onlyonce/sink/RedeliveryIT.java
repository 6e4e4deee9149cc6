package io.onlyonce.sink;

import static io.onlyonce.sink.SinkLab.patiently;
import static io.onlyonce.sink.SinkLab.record;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.platform.TerminationStyle;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the sink writes again adds no row, and what fails comes back by itself. Killed for real. */
class RedeliveryIT {
    private static final int KILLS = 2;

    /** What was counted, without the last minute's, of which time takes its share. */
    private static final String TOTALS =
            "SELECT concat_ws(' ', messages, orders, duplicates_emitted, duplicates_rejected,"
                    + " first_processed, last_processed) FROM processing_totals";

    private final SinkLab lab = SinkLab.shared();
    private final String prefix = UUID.randomUUID().toString();

    @AfterEach
    void all_is_there_once_and_runs() {
        lab.platform().postgres().start();
        lab.platform().connect().start();
        lab.awaitTablesHoldWhatIsCommitted();
    }

    @Test
    void a_worker_killed_between_the_databases_commit_and_its_own_adds_no_row() {
        SinkLab.Load load = lab.load(prefix, 100);
        try {
            for (int kills = 0; kills < KILLS; kills++) {
                int before = rows();
                patiently().until(() -> rows() > before + 100);
                killAheadOfItsReadPosition();
                lab.platform().connect().start();
            }
        } finally {
            load.stop();
        }
    }

    /** The moment that matters: rows are there of which the worker has not yet told Kafka that it has read their records. */
    private void killAheadOfItsReadPosition() {
        patiently().until(() -> {
            lab.platform().connect().freeze();
            if (rowsAheadOfReadPosition() > 0) {
                lab.platform().connect().stop(TerminationStyle.ABRUPT);
                return true;
            }
            lab.platform().connect().thaw();
            return false;
        });
    }

    private long rowsAheadOfReadPosition() {
        Map<Integer, Long> read = lab.readPositions(Connectors.PROCESSED_MESSAGES);
        return lab.processedMessages().keySet().stream()
                .filter(place -> place.offset() >= read.getOrDefault(place.partition(), 0L))
                .count();
    }

    private int rows() {
        return Integer.parseInt(lab.queryOne("SELECT count(*) FROM processed_messages"));
    }

    @Test
    void everything_read_again_from_the_beginning_leaves_the_same_rows() {
        List<String> tables = List.of("orders", "processed_messages", "duplicate_messages");
        lab.commit(record(0, prefix + "-twice"));
        lab.commit(List.of(record(0, prefix + "-twice"), record(1, prefix + "-once")));
        lab.awaitTablesHoldWhatIsCommitted();
        Map<String, List<String>> before = contents(tables);
        String totals = lab.queryOne(TOTALS);
        long newest = newestVersion();

        for (String connector : Connectors.NAMES) {
            lab.awaitConnect("PUT", "/connectors/" + connector + "/stop");
        }
        for (String connector : Connectors.NAMES) {
            lab.awaitState(connector, "STOPPED");
            lab.awaitConnect("DELETE", "/connectors/" + connector + "/offsets");
            lab.awaitConnect("PUT", "/connectors/" + connector + "/resume");
        }

        // PostgreSQL writes a new version of a row that is written with what it holds already.
        for (String table : List.of("orders", "processed_messages")) {
            patiently()
                    .until(() -> lab.queryOne(
                                    "SELECT count(*) FROM " + table + " WHERE xmin::text::bigint <= " + newest)
                            .equals("0"));
        }
        assertThat(contents(tables)).isEqualTo(before);
        assertThat(lab.queryOne(TOTALS)).isEqualTo(totals);
    }

    /** Each row with all its columns, and when it was first stored. */
    private Map<String, List<String>> contents(List<String> tables) {
        return tables.stream()
                .collect(toMap(table -> table, table -> lab.query("SELECT t::text FROM " + table + " t ORDER BY 1")));
    }

    private long newestVersion() {
        return Long.parseLong(lab.queryOne("SELECT max(v) FROM (SELECT max(xmin::text::bigint) v FROM orders UNION ALL"
                + " SELECT max(xmin::text::bigint) FROM processed_messages) versions"));
    }

    @Test
    void a_killed_database_that_comes_back_finds_the_sink_at_work_and_nothing_lost() {
        SinkLab.Load load = lab.load(prefix, 100);
        try {
            int before = rows();
            patiently().until(() -> rows() > before + 100);
            lab.platform().postgres().stop(TerminationStyle.ABRUPT);
            int sent = load.sent();
            patiently().until(() -> load.sent() > sent + 100);
            lab.platform().postgres().start();
        } finally {
            load.stop();
        }
    }

    @Test
    void tasks_that_gave_up_while_the_database_was_away_are_started_again_by_nobodys_hand() {
        lab.platform().postgres().stop(TerminationStyle.ABRUPT);
        for (String connector : Connectors.NAMES) {
            lab.awaitConnect("POST", "/connectors/" + connector + "/restart?includeTasks=true");
            patiently()
                    .until(() -> lab.status(connector).tasks().stream()
                            .anyMatch(task -> task.state().equals("FAILED")));
        }
        lab.commit(record(0, prefix + "-meanwhile"));
        lab.platform().postgres().start();
        patiently().until(() -> lab.count("orders", prefix + "-meanwhile") == 1);
        for (String connector : Connectors.NAMES) {
            patiently().until(() -> lab.status(connector).isRunning());
        }
    }
}
