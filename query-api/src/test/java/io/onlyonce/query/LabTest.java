package io.onlyonce.query;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The query API over HTTP, beside a real Kafka and a real PostgreSQL that all tests share and each finds empty. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "onlyonce.query.metrics-interval=200ms",
            // So few that every audit here takes several passes.
            "onlyonce.query.audit.orders-per-pass=10"
        })
abstract class LabTest {
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

    Api.Response get(String path) {
        return api().get(path);
    }

    Api.Response post(String path) {
        return api().post(path);
    }

    Api api() {
        return new Api(URI.create("http://127.0.0.1:" + port));
    }
}
