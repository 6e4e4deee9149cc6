package io.onlyonce.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;

class BrokerProbeTest {
    @Test
    void a_broker_that_does_not_answer_is_reported_before_the_timeout_of_the_client() throws Exception {
        try (ServerSocket silent = new ServerSocket(0);
                Admin admin = Admin.create(
                        Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:" + silent.getLocalPort()))) {
            for (List<String> topics : List.of(List.<String>of(), List.of("orders"))) {
                Instant start = Instant.now();

                assertThat(new BrokerProbe("broker", topics, () -> admin).problem())
                        .hasValueSatisfying(
                                problem -> assertThat(problem).startsWith("Kafka at broker does not answer: "));
                assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(30));
            }
        }
    }

    @Test
    void a_client_that_cannot_be_created_is_reported() {
        BrokerProbe probe = new BrokerProbe("broker", List.of(), () -> {
            throw new KafkaException("unknown host");
        });

        assertThat(probe.problem()).hasValue("Kafka at broker does not answer: unknown host");
    }

    @Test
    void a_client_that_has_failed_for_some_time_is_replaced() {
        List<Admin> created = new ArrayList<>();
        try (KafkaAdmin admin = new KafkaAdmin(() -> add(created, unreachable()), Duration.ofMillis(1))) {
            BrokerProbe probe = new BrokerProbe("broker", List.of(), admin);
            assertThat(probe.problem()).isPresent();
            assertThat(probe.problem()).isPresent();
        }
        assertThat(created).hasSize(2);
        assertThatThrownBy(() -> created.getFirst().describeCluster().nodes().get())
                .as("the first client is closed")
                .hasMessageContaining("closing");
    }

    private static Admin add(List<Admin> created, Admin admin) {
        created.add(admin);
        return admin;
    }

    private static Admin unreachable() {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:1"));
    }
}
