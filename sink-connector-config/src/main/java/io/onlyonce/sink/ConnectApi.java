package io.onlyonce.sink;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Client of a Connect worker's REST API. All methods throw {@link IOException} if the worker is not reachable. */
final class ConnectApi implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final URI worker;

    ConnectApi(URI worker) {
        this.worker = worker;
    }

    /** The parts of {@code GET /connectors?expand=info&expand=status} that the setup needs. */
    record Connector(Info info, Status status) {}

    record Info(Map<String, String> config) {}

    record Status(State connector, List<Task> tasks) {
        /** Returns for example RUNNING, FAILED or STOPPED. */
        String state() {
            return connector.state();
        }

        boolean isStopped() {
            return state().equals("STOPPED") && tasks.isEmpty();
        }

        boolean isRunning() {
            return state().equals("RUNNING")
                    && !tasks.isEmpty()
                    && tasks.stream().allMatch(task -> task.state().equals("RUNNING"));
        }
    }

    record State(String state) {}

    /** @param trace the reason if the task has failed, else null */
    record Task(int id, String state, String trace) {}

    /** An HTTP response with an error status. */
    static final class ErrorResponseException extends IOException {
        private static final long serialVersionUID = 1;

        /** Whether a retry is useless. The statuses 404 and 409 are transient during a rebalance. */
        final boolean permanent;

        ErrorResponseException(String request, HttpResponse<String> response) {
            int status = response.statusCode();
            super("%s returned %d: %s".formatted(request, status, response.body()));
            permanent = status >= 400 && status < 500 && status != 409 && status != 404;
        }
    }

    /**
     * Returns the connectors by name, with one request because a starting worker is slow to respond. A connector that was
     * created just now can be missing.
     */
    Map<String, Connector> connectors() throws IOException, InterruptedException {
        return JSON.readValue(call("GET", "connectors?expand=info&expand=status", ""), new TypeReference<>() {});
    }

    String configure(String connector, Map<String, String> config) throws IOException, InterruptedException {
        return call("PUT", "connectors/" + connector + "/config", JSON.writeValueAsString(config));
    }

    void resume(String connector) throws IOException, InterruptedException {
        call("PUT", "connectors/" + connector + "/resume", "");
    }

    void stop(String connector) throws IOException, InterruptedException {
        call("PUT", "connectors/" + connector + "/stop", "");
    }

    /** The connector must be stopped. */
    void deleteOffsets(String connector) throws IOException, InterruptedException {
        call("DELETE", "connectors/" + connector + "/offsets", "");
    }

    void delete(String connector) throws IOException, InterruptedException {
        call("DELETE", "connectors/" + connector, "");
    }

    private String call(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(worker.resolve("/" + path))
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new ErrorResponseException(method + " /" + path, response);
        }
        return response.body();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
