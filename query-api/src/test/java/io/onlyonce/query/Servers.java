package io.onlyonce.query;

import io.onlyonce.platform.Platform;
import io.onlyonce.sink.Database;
import io.onlyonce.sink.SinkSetup;
import java.net.URI;
import org.springframework.test.context.DynamicPropertyRegistry;

/** A Kafka and a PostgreSQL that all tests of this module share. The first test starts them. */
final class Servers {
    private static final Platform PLATFORM = start();

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
            new SinkSetup(database, URI.create("http://127.0.0.1:1"), line -> {}).migrate();
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
    }
}
