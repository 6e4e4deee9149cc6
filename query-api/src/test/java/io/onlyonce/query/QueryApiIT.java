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

/** Runs the query API with a real Kafka and a real PostgreSQL, which are shared and empty before each test. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "onlyonce.query.metrics-interval=200ms",
            // Small, so that every audit needs several passes.
            "onlyonce.query.audit.orders-per-pass=10",
            // No process listens on port 1.
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

    protected Pipeline pipeline;

    @BeforeEach
    void empty() {
        pipeline = new Pipeline(Servers.bootstrapServers(), jdbc);
        pipeline.clean();
    }

    @AfterEach
    void close() {
        pipeline.close();
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
