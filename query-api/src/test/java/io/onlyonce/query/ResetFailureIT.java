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

/** A reset whose parts answer what no such part would: a stranger listens on all of their ports. */
class ResetFailureIT extends QueryApiIT {
    private static final List<String> ASKED = new CopyOnWriteArrayList<>();
    private static final HttpServer STRANGER = stranger();

    private static HttpServer stranger() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                ASKED.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
                byte[] answer = "<html>".getBytes();
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
                exchange.close();
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @DynamicPropertySource
    static void parts(DynamicPropertyRegistry registry) {
        for (String part : List.of("producer", "consumer", "connect")) {
            registry.add(
                    "onlyonce.query." + part + "-url",
                    () -> "http://127.0.0.1:" + STRANGER.getAddress().getPort());
        }
    }

    @AfterAll
    static void stop() {
        STRANGER.stop(0);
    }

    @Test
    void a_step_that_fails_in_a_way_that_nobody_foresaw_leaves_nothing_stopped() {
        flow.store(Flow.order("order-1"));
        Api.Response reset = post("/reset");
        assertThat(reset.status()).as(reset.text()).isEqualTo(503);
        assertThat(reset.at("/step").asString()).isEqualTo("stop the connectors");
        assertThat(ASKED).endsWith("POST /topology/start", "POST /intake/resume");
        assertThat(get("/orders/order-1").status())
                .as("and nothing was deleted")
                .isEqualTo(200);
    }
}
