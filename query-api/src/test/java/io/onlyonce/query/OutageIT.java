package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.onlyonce.model.Topics;
import io.onlyonce.platform.Component;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.query.kafka.KafkaClients;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.KafkaFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The service reports the outage of a server, and recovers without intervention. */
@Tag("soak")
class OutageIT extends QueryApiIT {
    @Autowired
    private KafkaClients kafka;

    private static final Duration LIMIT = Duration.ofSeconds(12);

    private StubServer connect;

    @BeforeEach
    void startConnect() {
        connect = StubServer.runningConnect();
    }

    @AfterEach
    void heal() {
        Servers.platform().kafka().start();
        Servers.platform().postgres().start();
        awaitOk("/health");
        connect.close();
    }

    @ParameterizedTest
    @CsvSource({
        "RUNNING, FAILED, task 0 of the connector postgres-sink is FAILED",
        "STOPPED, RUNNING, the connector postgres-sink is STOPPED"
    })
    void a_connector_that_does_not_run_is_reported(String state, String task, String reason) {
        awaitOk("/health");
        connect.close();
        await().untilAsserted(() -> assertUnavailable("/health", "Connect is not running"));
        connect = StubServer.connect(state, task);
        await().untilAsserted(() -> assertUnavailable("/health", reason));
        connect.close();
        connect = StubServer.runningConnect();
    }

    @Test
    void a_missing_topic_is_reported() {
        awaitOk("/health");
        Pipeline.await(pipeline.admin().deleteTopics(List.of(Topics.PROCESSED)).all());
        await().untilAsserted(() -> assertUnavailable("/health", "Not all of the topics"));
        Servers.platform().kafka().createTopics(Topics.DEFAULT_PARTITIONS);
    }

    @Test
    void an_admin_client_that_has_ended_is_replaced() {
        kafka.request(admin -> {
            admin.close(Duration.ZERO);
            return KafkaFuture.completedFuture(true);
        });
        await().untilAsserted(() -> assertThat(get("/kafka/topics").status()).isEqualTo(200));
        awaitOk("/health");
    }

    @ParameterizedTest
    @CsvSource({
        "kafka, /kafka/lag, /kafka/topics, Kafka at BROKERS does not answer",
        "postgres, /stats, /audit, PostgreSQL does not answer"
    })
    void a_killed_server_causes_503_with_the_reason_until_it_restarts(
            String name, String path, String other, String reason) {
        Component component = component(name);
        assertThat(get(path).status()).isEqualTo(200);
        component.stop(TerminationStyle.ABRUPT);
        assertUnavailable(path, reason);
        assertUnavailable(other, reason);
        assertUnavailable("/health", reason);
        awaitMissingMetrics(metricsOf(name));
        component.start();
        awaitOk(path);
        awaitOk(other);
        awaitOk("/health");
    }

    @ParameterizedTest
    @CsvSource({
        "kafka, /kafka/consumer-groups, /kafka/lag, Kafka at BROKERS does not answer",
        "postgres, /stats/duplicates, /audit, PostgreSQL does not answer"
    })
    void a_frozen_server_causes_503_within_a_limit_until_it_continues(
            String name, String path, String other, String reason) {
        Component component = component(name);
        assertThat(get(path).status()).isEqualTo(200);
        component.freeze();
        try {
            Instant asked = Instant.now();
            var responses = List.of(async(() -> get(path)), async(() -> get(other)));
            responses.forEach(response -> assertUnavailable(response.join(), reason));
            assertThat(Duration.between(asked, Instant.now())).isLessThan(LIMIT);
            assertUnavailable("/health", reason);
        } finally {
            component.thaw();
        }
        awaitOk(path);
        awaitOk("/health");
    }

    @Test
    void counters_do_not_exist_before_the_first_read_of_the_database() {
        Servers.platform().postgres().stop(TerminationStyle.ABRUPT);
        try (var started = start()) {
            Api api = new Api(
                    URI.create("http://127.0.0.1:" + started.getEnvironment().getProperty("local.server.port")));
            assertThat(api.get("/actuator/prometheus").text())
                    .as("before the first read")
                    .doesNotContain("duplicates_emitted_total", "messages_in_database_total");
            Servers.platform().postgres().start();
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () -> assertThat(api.get("/actuator/prometheus").text())
                                    .contains("duplicates_emitted_total", "messages_in_database_total"));
        }
    }

    /** A value from before the outage would look like a normal state. */
    private void awaitMissingMetrics(List<String> names) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(
                                get("/actuator/prometheus").text().lines())
                        .noneMatch(line -> names.stream().anyMatch(name -> line.startsWith(name + "{"))));
    }

    private static List<String> metricsOf(String component) {
        return component.equals("kafka")
                ? List.of(
                        "kafka_consumergroup_lag",
                        "kafka_consumergroup_lag_seconds",
                        "kafka_open_transaction_offsets",
                        "kafka_open_transaction_records",
                        "orders_in_flight")
                : List.of("orders_in_flight", "sink_latency_seconds", "end_to_end_latency_seconds");
    }

    private static ConfigurableApplicationContext start() {
        var platform = Servers.platform();
        return new SpringApplicationBuilder(QueryApplication.class)
                .run(
                        "--server.port=0",
                        "--onlyonce.query.metrics-interval=200ms",
                        "--onlyonce.query.kafka-bootstrap-servers=" + Servers.bootstrapServers(),
                        "--spring.datasource.url=" + platform.jdbcUrl(),
                        "--spring.datasource.username=" + platform.postgres().user(),
                        "--spring.datasource.password=" + platform.postgres().password());
    }

    private void assertUnavailable(String path, String reason) {
        assertUnavailable(get(path), reason);
    }

    private static void assertUnavailable(Api.Response response, String reason) {
        assertThat(response.status()).as(response.text()).isEqualTo(503);
        assertThat(response.type()).isEqualTo("application/problem+json");
        assertThat(response.at("/detail").asString()).contains(reason.replace("BROKERS", Servers.bootstrapServers()));
    }

    private void awaitOk(String path) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(get(path).status()).isEqualTo(200));
    }

    private static Component component(String name) {
        return name.equals("kafka")
                ? Servers.platform().kafka()
                : Servers.platform().postgres();
    }
}
