package io.onlyonce.bench.sink;

import io.onlyonce.bench.Await;
import io.onlyonce.model.kafka.ConnectorNames;
import io.onlyonce.model.kafka.ConsumerGroups;
import io.onlyonce.sink.Connectors;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
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

/** The connector {@code orders-sink} as it is shipped, started from the first record as often as one likes. */
final class OrdersConnector implements AutoCloseable {
    private static final String GROUP = ConsumerGroups.ofConnector(ConnectorNames.ORDERS);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Admin admin;
    private final URI connector;
    private final Map<String, String> config;

    OrdersConnector(URI connectUrl, String bootstrapServers) {
        this.admin = Admin.create(Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
        this.connector = connectUrl.resolve("/connectors/" + ConnectorNames.ORDERS + "/");
        this.config = Connectors.config(ConnectorNames.ORDERS);
    }

    void start() throws IOException, InterruptedException {
        HttpResponse<String> answer =
                call("PUT", "config", BodyPublishers.ofString(new JsonMapper().writeValueAsString(config)));
        if (answer.statusCode() >= 300) {
            throw new IllegalStateException("Connect refused the connector: " + answer.body());
        }
    }

    /** For an exception's message. */
    String status() throws IOException, InterruptedException {
        return call("GET", "status", BodyPublishers.noBody()).body();
    }

    /** Returns when nothing is left of it: no task that could still write, and no position. */
    void remove() throws InterruptedException {
        Await.until("Connect has removed the connector", PATIENCE, () -> {
            call("DELETE", "", BodyPublishers.noBody());
            return call("GET", "status", BodyPublishers.noBody()).statusCode() == 404;
        });
        Await.until("the group " + GROUP + " is deleted", PATIENCE, this::deleteGroup);
    }

    /** Refused while it has members. */
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

    private HttpResponse<String> call(String method, String path, BodyPublisher body)
            throws IOException, InterruptedException {
        String uri = connector + path;
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(path.isEmpty() ? uri.substring(0, uri.length() - 1) : uri))
                .header("Content-Type", "application/json")
                .method(method, body)
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        admin.close();
        http.close();
    }
}
