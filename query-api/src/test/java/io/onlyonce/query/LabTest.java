package io.onlyonce.query;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The query API over HTTP, beside a real Kafka and a real PostgreSQL that all tests share and each finds empty. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "onlyonce.query.metrics-interval=200ms",
            // So few that every audit here takes several passes.
            "onlyonce.query.audit.orders-per-pass=10"
        })
abstract class LabTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON = new JsonMapper();

    @DynamicPropertySource
    static void servers(DynamicPropertyRegistry registry) {
        Servers.register(registry);
        registry.add(
                "onlyonce.query.bench-results",
                () -> Servers.platform().directory().resolve("bench.json"));
        // Nobody listens on port 1.
        for (String part : List.of("producer", "consumer", "connect")) {
            registry.add("onlyonce.query." + part + "-url", () -> "http://127.0.0.1:1");
        }
    }

    @LocalServerPort
    private int port;

    @Autowired
    protected JdbcClient jdbc;

    protected Flow flow;

    @BeforeEach
    void empty() {
        flow = new Flow(Servers.bootstrapServers(), jdbc);
        flow.clean();
    }

    @AfterEach
    void close() {
        flow.close();
    }

    record Response(int status, String type, String text) {
        JsonNode json() {
            return JSON.readTree(text);
        }

        /** The value at a JSON pointer. */
        JsonNode at(String pointer) {
            return json().at(pointer);
        }
    }

    Response get(String path) {
        return send(HttpRequest.newBuilder().GET(), path);
    }

    Response post(String path) {
        return send(HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.noBody()), path);
    }

    Response send(HttpRequest.Builder request, String path) {
        try {
            HttpResponse<String> response = HTTP.send(
                    request.uri(URI.create("http://127.0.0.1:" + port + path))
                            .timeout(Duration.ofMinutes(1))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return new Response(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
