package io.onlyonce.bench.sink;

import io.onlyonce.bench.Polling;
import io.onlyonce.model.kafka.Sink;
import io.onlyonce.platform.Platform;
import io.onlyonce.sink.Connectors;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** The connectors of a sink, as Onlyonce ships them. After each start, they read the topics from the first record. */
final class SinkConnectors implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI worker;
    private final Sink sink;

    SinkConnectors(Platform platform, Sink sink) {
        this.worker = platform.connectUrl();
        this.sink = sink;
    }

    Sink sink() {
        return sink;
    }

    void start() throws IOException, InterruptedException {
        for (String name : sink.connectors()) {
            HttpResponse<String> response =
                    call("PUT", name, "/config", new JsonMapper().writeValueAsString(Connectors.config(name)));
            if (response.statusCode() >= 300) {
                throw new IllegalStateException("Connect rejected the connector: " + response.body());
            }
        }
    }

    /** Returns the status of the connectors as Connect reports it, for error messages. */
    String status() {
        return sink.connectors().stream()
                .map(name -> {
                    try {
                        return call("GET", name, "/status", "").body();
                    } catch (IOException | InterruptedException e) {
                        return name + ": " + e;
                    }
                })
                .collect(Collectors.joining("\n"));
    }

    /** Deletes the connectors, their tasks and their offsets. Returns after Connect has deleted all of them. */
    void remove() throws InterruptedException {
        for (String name : sink.connectors()) {
            Polling.await("Connect has deleted the offsets of " + name, TIMEOUT, () -> {
                call("PUT", name, "/stop", "");
                return call("DELETE", name, "/offsets", "").statusCode() < 300;
            });
            Polling.await("Connect has deleted " + name, TIMEOUT, () -> {
                call("DELETE", name, "", "");
                return call("GET", name, "/status", "").statusCode() == 404;
            });
        }
    }

    private HttpResponse<String> call(String method, String connector, String path, String body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(worker.resolve("/connectors/" + connector + path))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        http.close();
    }
}
