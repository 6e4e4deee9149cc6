package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.onlyonce.platform.Component;
import io.onlyonce.platform.TerminationStyle;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The service reports the outage of a server, and recovers without intervention. */
class OutageIT extends QueryApiIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @AfterEach
    void heal() {
        Servers.platform().kafka().start();
        Servers.platform().postgres().start();
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
        component.start();
        awaitOk(path);
        awaitOk(other);
        awaitOk("/health");
    }

    @ParameterizedTest
    @CsvSource({
        "kafka, /kafka/consumer-groups, Kafka at BROKERS does not answer",
        "postgres, /stats/duplicates, PostgreSQL does not answer"
    })
    void a_frozen_server_causes_503_within_a_limit_until_it_continues(String name, String path, String reason) {
        Component component = component(name);
        assertThat(get(path).status()).isEqualTo(200);
        component.freeze();
        try {
            Instant asked = Instant.now();
            assertUnavailable(path, reason);
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
        Api.Response response = get(path);
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
