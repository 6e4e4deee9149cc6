package io.onlyonce.bench.sink;

import io.onlyonce.bench.Polling;
import io.onlyonce.model.kafka.ConnectorNames;
import io.onlyonce.model.kafka.ConsumerGroups;
import io.onlyonce.platform.Platform;
import io.onlyonce.platform.PostgresServer;
import io.onlyonce.sink.Connectors;
import io.onlyonce.sink.Database;
import io.onlyonce.sink.SinkSetup;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import tools.jackson.databind.json.JsonMapper;

/** The shipped connector {@code orders-sink}. Each start reads the topic from the first record. */
final class OrdersConnector implements AutoCloseable {
    private static final String GROUP = ConsumerGroups.ofConnector(ConnectorNames.ORDERS);
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Admin admin;
    private final URI connector;
    private final String config;

    /** Creates the tables, but does not start the connector. */
    OrdersConnector(Platform platform) throws InterruptedException {
        PostgresServer postgres = platform.postgres();
        Database database = new Database(postgres.jdbcUrl(), postgres.user(), postgres.password());
        new SinkSetup(database, platform.connectUrl(), line -> {}).migrate();
        config = new JsonMapper().writeValueAsString(Connectors.config(ConnectorNames.ORDERS));
        connector = platform.connectUrl().resolve("/connectors/" + ConnectorNames.ORDERS);
        admin = Admin.create(
                Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, platform.bootstrapServers()));
    }

    void start() throws IOException, InterruptedException {
        HttpResponse<String> response = call("PUT", "/config", config);
        if (response.statusCode() >= 300) {
            throw new IllegalStateException("Connect rejected the connector: " + response.body());
        }
    }

    /** Returns Connect's status of the connector, for error messages. */
    String status() throws IOException, InterruptedException {
        return call("GET", "/status", "").body();
    }

    /** Returns when the connector, its tasks and its committed offsets are deleted. */
    void remove() throws InterruptedException {
        Polling.await("Connect has deleted the connector", TIMEOUT, () -> {
            call("DELETE", "", "");
            return call("GET", "/status", "").statusCode() == 404;
        });
        Polling.await("the group " + GROUP + " is deleted", TIMEOUT, this::deleteGroup);
    }

    /** The broker rejects this as long as the group has members. */
    private boolean deleteGroup() throws InterruptedException, ExecutionException {
        try {
            admin.deleteConsumerGroups(List.of(GROUP)).all().get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return true;
            }
            throw e;
        }
    }

    private HttpResponse<String> call(String method, String path, String body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(connector + path))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        admin.close();
        http.close();
    }
}
