package io.onlyonce.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
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
}
