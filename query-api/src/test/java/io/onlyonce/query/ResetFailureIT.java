package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A reset of services that send unexpected responses: another HTTP server listens on all of their ports. */
class ResetFailureIT extends QueryApiIT {
    private static final List<String> REQUESTS = new CopyOnWriteArrayList<>();
    private static final HttpServer OTHER_SERVER = startOtherServer();

    private static HttpServer startOtherServer() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                REQUESTS.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
                byte[] response = "<html>".getBytes();
                exchange.sendResponseHeaders(200, response.length);
                exchange.getResponseBody().write(response);
                exchange.close();
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @DynamicPropertySource
    static void services(DynamicPropertyRegistry registry) {
        for (String service : List.of("producer", "consumer", "connect")) {
            registry.add(
                    "onlyonce.query." + service + "-url",
                    () -> "http://127.0.0.1:" + OTHER_SERVER.getAddress().getPort());
        }
    }

    @AfterAll
    static void stop() {
        OTHER_SERVER.stop(0);
    }

    @Test
    void an_unexpected_failure_of_a_step_leaves_no_component_stopped() {
        pipeline.store(Pipeline.order("order-1"));
        Api.Response reset = post("/reset");
        assertThat(reset.status()).as(reset.text()).isEqualTo(503);
        assertThat(reset.at("/step").asString()).isEqualTo("stop the connectors");
        assertThat(REQUESTS).endsWith("POST /topology/start", "POST /intake/resume");
        assertThat(get("/orders/order-1").status())
                .as("status of an order from before the reset")
                .isEqualTo(200);
    }
}
