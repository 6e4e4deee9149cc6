package io.onlyonce.query;

import io.onlyonce.model.kafka.Sink;
import io.onlyonce.platform.Platform;
import io.onlyonce.platform.Ports;
import io.onlyonce.sink.Database;
import io.onlyonce.sink.SinkSetup;
import java.net.URI;
import java.util.List;
import org.springframework.test.context.DynamicPropertyRegistry;

/** A Kafka and a PostgreSQL that all tests of this module share. The first test starts them. */
final class Servers {
    private static final Platform PLATFORM = start();
    private static final List<Integer> PORTS = Ports.free(3);

    /** No process listens on these ports, unless a test starts a {@link StubServer}. */
    static final int PRODUCER_PORT = PORTS.get(0);

    static final int CONSUMER_PORT = PORTS.get(1);
    static final int CONNECT_PORT = PORTS.get(2);

    private Servers() {}

    private static Platform start() {
        Platform platform = Platform.builder().withPostgres().start();
        Runtime.getRuntime().addShutdownHook(new Thread(platform::close));
        createTables(platform);
        return platform;
    }

    private static void createTables(Platform platform) {
        Database database = new Database(
                platform.jdbcUrl(),
                platform.postgres().user(),
                platform.postgres().password());
        try {
            // Only the database is migrated, which needs no Connect worker.
            new SinkSetup(Sink.TRANSACTIONAL, database, URI.create("http://127.0.0.1:1"), line -> {}).migrate();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static Platform platform() {
        return PLATFORM;
    }

    static String bootstrapServers() {
        return PLATFORM.bootstrapServers();
    }

    static void register(DynamicPropertyRegistry registry) {
        registry.add("onlyonce.query.kafka-bootstrap-servers", Servers::bootstrapServers);
        registry.add("spring.datasource.url", PLATFORM::jdbcUrl);
        registry.add("spring.datasource.username", PLATFORM.postgres()::user);
        registry.add("spring.datasource.password", PLATFORM.postgres()::password);
        registry.add("onlyonce.query.producer-url", () -> "http://127.0.0.1:" + PRODUCER_PORT);
        registry.add("onlyonce.query.consumer-url", () -> "http://127.0.0.1:" + CONSUMER_PORT);
        registry.add("onlyonce.query.connect-url", () -> "http://127.0.0.1:" + CONNECT_PORT);
    }
}
