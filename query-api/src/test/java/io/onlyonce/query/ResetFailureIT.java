package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A reset of services that send unexpected responses: another HTTP server listens on all of their ports. */
class ResetFailureIT extends QueryApiIT {
    @Test
    void an_unexpected_failure_of_a_step_leaves_no_component_stopped() {
        pipeline.store(Pipeline.order("order-1"));
        try (var producer = new StubServer(Servers.PRODUCER_PORT, "<html>");
                var consumer = new StubServer(Servers.CONSUMER_PORT, "<html>");
                var connect = new StubServer(Servers.CONNECT_PORT, "<html>")) {
            Api.Response reset = post("/reset");
            assertThat(reset.status()).as(reset.text()).isEqualTo(503);
            assertThat(reset.at("/step").asString()).isEqualTo("stop the connectors");
            assertThat(connect.requests()).contains("GET /connectors");
            assertThat(consumer.requests()).endsWith("POST /topology/start");
            assertThat(producer.requests()).endsWith("POST /intake/resume");
        }
        assertThat(get("/orders/order-1").status())
                .as("status of an order from before the reset")
                .isEqualTo(200);
    }
}
