package io.onlyonce.sink;

import static java.util.stream.Collectors.toMap;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is needed of a Connect worker's REST API. */
final class ConnectApi implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final URI worker;

    ConnectApi(URI worker) {
        this.worker = worker;
    }

    /** @param state Connect's word, such as RUNNING, FAILED, STOPPED */
    record Status(String state, List<Task> tasks) {
        boolean isRunning() {
            return state.equals("RUNNING")
                    && !tasks.isEmpty()
                    && tasks.stream().allMatch(task -> task.state().equals("RUNNING"));
        }
    }

    /** @param trace why it failed; empty where it did not */
    record Task(int id, String state, String trace) {}

    /** An answer of Connect that is no success. */
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;

        private final int status;

        RefusedException(int status, String message) {
            super(message);
            this.status = status;
        }

        /** The request is wrong, and will be so next time. (409 says that the worker is rebalancing.) */
        boolean isFinal() {
            return status >= 400 && status < 500 && status != 409 && status != 404;
        }
    }

    /** Fails where the worker does not answer yet. */
    void ping() throws IOException, InterruptedException {
        call("GET", "", BodyPublishers.noBody());
    }

    /** By the name of the connector. */
    Map<String, Map<String, String>> configs() throws IOException, InterruptedException {
        return expanded("info", info -> JSON.convertValue(info.path("config"), new TypeReference<>() {}));
    }

    void configure(String connector, Map<String, String> config) throws IOException, InterruptedException {
        call("PUT", "connectors/" + connector + "/config", BodyPublishers.ofString(JSON.writeValueAsString(config)));
    }

    void resume(String connector) throws IOException, InterruptedException {
        call("PUT", "connectors/" + connector + "/resume", BodyPublishers.noBody());
    }

    /** By the name of the connector, as far as Connect has heard of them. */
    Map<String, Status> statuses() throws IOException, InterruptedException {
        return expanded(
                "status",
                status -> new Status(
                        status.at("/connector/state").asString(),
                        status.path("tasks")
                                .valueStream()
                                .map(task -> new Task(
                                        task.path("id").asInt(),
                                        task.path("state").asString(),
                                        task.path("trace").asString("")))
                                .toList()));
    }

    /** Of all connectors in one call: each costs a starting worker a turn. */
    private <T> Map<String, T> expanded(String what, Function<JsonNode, T> read)
            throws IOException, InterruptedException {
        return JSON.readTree(call("GET", "connectors?expand=" + what, BodyPublishers.noBody())).properties().stream()
                .collect(toMap(
                        Map.Entry::getKey,
                        connector -> read.apply(connector.getValue().path(what))));
    }

    private String call(String method, String path, BodyPublisher body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(worker.resolve("/" + path))
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .method(method, body)
                .build();
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new RefusedException(
                    response.statusCode(),
                    "Connect answered %d to %s /%s: %s"
                            .formatted(response.statusCode(), method, path, response.body()));
        }
        return response.body();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
