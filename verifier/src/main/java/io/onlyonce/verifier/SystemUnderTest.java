package io.onlyonce.verifier;

import java.net.URI;
import java.util.Objects;

/**
 * Where the system is reached. All that the verifier knows of it.
 *
 * @param producer base URL of the ingest API
 * @param consumer base URL of the stream
 * @param api base URL of the query API
 * @param bootstrapServers of Kafka, as its clients take them
 * @param jdbcUrl of the database with the contract's tables
 * @param user of that database
 * @param password of that user
 */
public record SystemUnderTest(
        URI producer, URI consumer, URI api, String bootstrapServers, String jdbcUrl, String user, String password) {
    public SystemUnderTest {
        Objects.requireNonNull(producer, "producer");
        Objects.requireNonNull(bootstrapServers, "bootstrapServers");
        Objects.requireNonNull(jdbcUrl, "jdbcUrl");
    }
}
