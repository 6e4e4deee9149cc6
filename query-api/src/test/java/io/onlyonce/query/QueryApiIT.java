package io.onlyonce.query;

import java.net.URI;
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
            "onlyonce.query.audit.orders-per-pass=10",
            // Nobody listens on port 1.
            "onlyonce.query.producer-url=http://127.0.0.1:1",
            "onlyonce.query.consumer-url=http://127.0.0.1:1",
            "onlyonce.query.connect-url=http://127.0.0.1:1"
        })
abstract class QueryApiIT {
    @DynamicPropertySource
    static void servers(DynamicPropertyRegistry registry) {
        Servers.register(registry);
        registry.add(
                "onlyonce.query.bench-results",
                () -> Servers.platform().directory().resolve("bench.json"));
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
