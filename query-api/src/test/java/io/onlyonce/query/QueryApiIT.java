package io.onlyonce.query;

import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
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
            "onlyonce.query.health-interval=200ms",
            "onlyonce.query.trace-url=http://traces/",
            // About 15 orders, so that most audits need several passes.
            "onlyonce.query.audit.bytes-per-pass=6000B"
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

    /** Starts a thread for the request. The common pool has only one thread on a machine with two cores. */
    static <T> CompletableFuture<T> async(Supplier<T> request) {
        return CompletableFuture.supplyAsync(request, Thread::startVirtualThread);
    }

    Api api() {
        return new Api(URI.create("http://127.0.0.1:" + port));
    }
}
