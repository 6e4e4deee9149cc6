package io.onlyonce.verifier;

import java.net.URI;
import java.util.Optional;

/**
 * The addresses of the system under test. The verifier knows nothing else about the system.
 *
 * @param producer base URL of the ingest API
 * @param consumer base URL of the order stream
 * @param api base URL of the query API
 * @param bootstrapServers Kafka's {@code bootstrap.servers}
 * @param jdbcUrl JDBC URL of the database that contains the tables of the contract
 * @param adminToken the token that the services require for configuration, if any
 */
public record SystemUnderTest(
        URI producer,
        URI consumer,
        URI api,
        String bootstrapServers,
        String jdbcUrl,
        String user,
        String password,
        Optional<String> adminToken) {}
