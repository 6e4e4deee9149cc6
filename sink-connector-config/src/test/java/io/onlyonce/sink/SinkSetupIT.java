package io.onlyonce.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onlyonce.model.kafka.Sink;
import io.onlyonce.platform.Ports;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** The setup can run again at any time and reports what is missing. */
class SinkSetupIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final SinkStack stack = SinkStack.shared();

    @Test
    void a_second_run_changes_nothing() {
        long before = lastChange();
        assertThat(stack.setUp()).contains("Tables are up to date");
        assertThat(lastChange())
                .as("an unchanged configuration is not sent again, which would restart the connector")
                .isEqualTo(before);
    }

    @Test
    void tables_from_before_the_comments_of_the_migrations_were_reworded_are_accepted() {
        stack.execute("UPDATE flyway_schema_history SET checksum = checksum + 1");
        assertThat(stack.setUp()).contains("Tables are up to date");
    }

    /**
     * The offset of the last connector configuration in Connect's configuration topic, which has one partition. A worker also
     * writes session keys and task configurations to this topic, for example after a restart.
     */
    private long lastChange() {
        return stack.committed("connect-configs").stream()
                .filter(record -> new String(record.key(), UTF_8).startsWith("connector-"))
                .reduce((first, second) -> second)
                .orElseThrow()
                .offset();
    }

    @Test
    void an_older_configuration_is_updated_and_a_stopped_connector_is_resumed() throws Exception {
        Map<String, String> shipped = Connectors.config(stack.sink().ordersConnector());
        Map<String, String> older = Connectors.config(stack.sink().ordersConnector());
        older.put("consumer.override.max.poll.records", "500");
        older.put("consumer.override.isolation.level", "read_uncommitted");
        older.remove("errors.log.enable");
        // A running connector would read the aborted records of other tests.
        stack.awaitConnect("PUT", "/connectors/" + stack.sink().ordersConnector() + "/stop");
        stack.awaitState(stack.sink().ordersConnector(), "STOPPED");
        stack.connect(
                "PUT",
                "/connectors/" + stack.sink().ordersConnector() + "/config",
                new JsonMapper().writeValueAsString(older));
        stack.awaitConnect("PUT", "/connectors/" + stack.sink().duplicateMessagesConnector() + "/stop");
        stack.awaitState(stack.sink().duplicateMessagesConnector(), "STOPPED");
        stack.setUp();
        try (ConnectApi connect = new ConnectApi(stack.platform().connectUrl())) {
            assertThat(connect.connectors()
                            .get(stack.sink().ordersConnector())
                            .info()
                            .config())
                    .isEqualTo(shipped);
        }
        for (String name : stack.sink().connectors()) {
            assertThat(stack.status(name).isRunning()).as(name).isTrue();
        }
    }

    @Test
    void without_postgresql_the_error_contains_the_address() {
        int port = Ports.free(1).getFirst();
        Database unreachable = new Database("jdbc:postgresql://127.0.0.1:" + port + "/exactly_once", "lab", "secret");
        assertThatThrownBy(
                        () -> setup(unreachable, stack.platform().connectUrl()).run())
                .isInstanceOf(SinkSetupException.class)
                .hasMessageContaining("PostgreSQL at lab@jdbc:postgresql://127.0.0.1:" + port)
                .hasMessageContaining("refused")
                .hasMessageNotContaining("secret");
    }

    @Test
    void a_wrong_password_is_reported_without_retries() {
        Database wrong = new Database(stack.database().url(), "lab", "secret");
        assertThatThrownBy(() ->
                        new SinkSetup(stack.sink(), wrong, stack.platform().connectUrl(), line -> {}).migrate())
                .isInstanceOf(SinkSetupException.class)
                .hasMessageContaining("password authentication failed")
                .hasMessageNotContaining("secret");
    }

    @Test
    void without_connect_the_error_contains_the_address() {
        URI unused = URI.create("http://127.0.0.1:" + Ports.free(1).getFirst());
        assertThatThrownBy(() -> setup(stack.database(), unused).run())
                .isInstanceOf(SinkSetupException.class)
                .hasMessageContaining("Connect at " + unused)
                .hasMessageContaining("no connection")
                .hasMessageNotContaining("null");
    }

    @Test
    void a_server_that_is_not_ready_is_reported_while_the_setup_waits() {
        URI unused = URI.create("http://127.0.0.1:" + Ports.free(1).getFirst());
        List<String> progress = new ArrayList<>();
        assertThatThrownBy(() -> new SinkSetup(stack.sink(), stack.database(), unused, progress::add, TIMEOUT).run())
                .isInstanceOf(SinkSetupException.class);
        assertThat(progress)
                .filteredOn(line -> line.startsWith("Waiting for Connect at " + unused))
                .hasSize(1);
    }

    @Test
    void the_other_sink_replaces_the_connectors_and_leaves_the_same_rows() {
        stack.commit(SinkStack.record(0, "before-the-change"));
        stack.awaitTablesMatchTopics();
        Sink other = stack.sink() == Sink.DEBEZIUM ? Sink.TRANSACTIONAL : Sink.DEBEZIUM;
        try {
            stack.setUp(other);
            assertThat(stack.connectors()).containsExactlyInAnyOrderElementsOf(other.connectors());
            stack.commit(SinkStack.record(0, "after-the-change"));
            stack.awaitTablesMatchTopics();
        } finally {
            stack.setUp();
        }
        assertThat(stack.connectors())
                .containsExactlyInAnyOrderElementsOf(stack.sink().connectors());
        stack.commit(SinkStack.record(0, "after-the-return"));
        stack.awaitTablesMatchTopics();
    }

    private SinkSetup setup(Database database, URI connect) {
        return new SinkSetup(stack.sink(), database, connect, line -> {}, TIMEOUT);
    }
}
