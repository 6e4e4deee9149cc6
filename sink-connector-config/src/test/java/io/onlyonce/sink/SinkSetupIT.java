package io.onlyonce.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onlyonce.platform.Ports;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** May be run again at any time, and says what is missing. */
class SinkSetupIT {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final SinkLab lab = SinkLab.shared();

    @Test
    void a_second_run_changes_nothing() {
        long before = lastChange();
        assertThat(lab.setUp()).contains("Tables are up to date");
        assertThat(lastChange())
                .as("a configuration that is given again is written again, and its connector restarted")
                .isEqualTo(before);
    }

    /** In Connect's own memory, which has one partition. */
    private long lastChange() {
        return lab.committed("connect-configs").getLast().offset();
    }

    @Test
    void an_older_configuration_is_brought_up_to_date_and_what_stands_still_is_started() throws Exception {
        Map<String, String> shipped = Connectors.config(Connectors.ORDERS, lab.database());
        Map<String, String> older = Connectors.config(Connectors.ORDERS, lab.database());
        older.put("batch.size", "500");
        older.put("consumer.override.isolation.level", "read_uncommitted");
        older.remove("use.reduction.buffer");
        lab.connect("PUT", "/connectors/" + Connectors.ORDERS + "/config", new JsonMapper().writeValueAsString(older));
        lab.awaitConnect("PUT", "/connectors/" + Connectors.DUPLICATE_MESSAGES + "/stop");
        lab.awaitState(Connectors.DUPLICATE_MESSAGES, "STOPPED");
        lab.setUp();
        try (ConnectApi connect = new ConnectApi(lab.platform().connectUrl())) {
            assertThat(connect.configs()).containsEntry(Connectors.ORDERS, shipped);
        }
        for (String name : Connectors.NAMES) {
            assertThat(lab.status(name).isRunning()).as(name).isTrue();
        }
    }

    @Test
    void without_postgresql_the_error_says_where_it_was_looked_for() {
        int port = Ports.free(1).getFirst();
        Database away = new Database("jdbc:postgresql://127.0.0.1:" + port + "/exactly_once", "lab", "geheim");
        assertThatThrownBy(() -> setup(away, lab.platform().connectUrl()).run())
                .isInstanceOf(SinkSetupException.class)
                .hasMessageContaining("PostgreSQL at lab@jdbc:postgresql://127.0.0.1:" + port)
                .hasMessageContaining("refused")
                .hasMessageNotContaining("geheim");
    }

    @Test
    void a_wrong_password_is_said_at_once() {
        Database wrong = new Database(lab.database().url(), "lab", "geheim");
        assertThatThrownBy(() -> new SinkSetup(wrong, lab.platform().connectUrl(), line -> {}).migrate())
                .isInstanceOf(SinkSetupException.class)
                .hasMessageContaining("password authentication failed")
                .hasMessageNotContaining("geheim");
    }

    @Test
    void without_connect_the_error_says_where_it_was_looked_for() {
        URI nobody = URI.create("http://127.0.0.1:" + Ports.free(1).getFirst());
        assertThatThrownBy(() -> setup(lab.database(), nobody).run())
                .isInstanceOf(SinkSetupException.class)
                .hasMessageContaining("Connect at " + nobody)
                .hasMessageContaining("no connection")
                .hasMessageNotContaining("null");
    }

    @Test
    void what_is_not_to_be_had_yet_is_said_while_it_is_waited_for() {
        URI nobody = URI.create("http://127.0.0.1:" + Ports.free(1).getFirst());
        List<String> progress = new ArrayList<>();
        assertThatThrownBy(() -> new SinkSetup(lab.database(), nobody, progress::add, PATIENCE).run())
                .isInstanceOf(SinkSetupException.class);
        assertThat(progress)
                .filteredOn(line -> line.startsWith("Waiting for Connect at " + nobody))
                .hasSize(1);
    }

    private static SinkSetup setup(Database database, URI connect) {
        return new SinkSetup(database, connect, line -> {}, PATIENCE);
    }
}
