package io.onlyonce.verifier.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.verifier.SystemUnderTest;
import io.onlyonce.verifier.check.Guarantee;
import io.onlyonce.verifier.plan.ContractJson;
import io.onlyonce.verifier.plan.ContractJson.InvalidJsonException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** HTTP client of the three services. It never retries. Thread-safe. */
public final class ServiceClient implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration HEALTH_TIMEOUT = Duration.ofSeconds(2);
    /** A mode change of the stream restarts its topology. */
    private static final Duration CONFIG_TIMEOUT = Duration.ofSeconds(60);

    private final SystemUnderTest system;
    private final Duration requestTimeout;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .executor(threads)
            .build();

    /** @param requestTimeout timeout of a request that sends orders */
    public ServiceClient(SystemUnderTest system, Duration requestTimeout) {
        this.system = system;
        this.requestTimeout = requestTimeout;
    }

    IngestResponse send(IngestRequests.Request request) throws InterruptedException {
        try {
            HttpResponse<byte[]> response =
                    post(system.producer().resolve(request.path()), request.json(), requestTimeout);
            int status = response.statusCode();
            if (status == 200) {
                return new IngestResponse.Acknowledged(partition(response.body()));
            }
            String reason = status + " " + new String(response.body(), UTF_8);
            return status >= 400 && status < 500
                    ? new IngestResponse.Rejected(reason)
                    : new IngestResponse.Unanswered(reason);
        } catch (ConnectException | HttpConnectTimeoutException e) {
            return new IngestResponse.NotSent(e.toString());
        } catch (IOException e) {
            return new IngestResponse.Unanswered(e.toString());
        }
    }

    private static int partition(byte[] body) {
        try {
            JsonNode partition = ContractJson.object(body).path("partition");
            return partition.isInt() ? partition.intValue() : -1;
        } catch (InvalidJsonException e) {
            return -1;
        }
    }

    /**
     * Configures the stream for the guarantee. The ingest API always uses exactly-once, so that runs differ in the stream
     * only.
     *
     * @throws IllegalStateException if a service does not accept the configuration
     */
    public void configure(Guarantee guarantee) throws InterruptedException {
        ObjectNode ingest = ContractJson.newObject().put("delivery_mode", "exactly-once");
        configure(system.producer(), ingest.put("enable_transactions", true));
        ObjectNode stream = ContractJson.newObject().put("processing_mode", guarantee.wireName());
        configure(system.consumer(), stream.put("enable_idempotency", guarantee.deduplicates()));
    }

    private void configure(URI service, ObjectNode config) throws InterruptedException {
        URI uri = service.resolve("/config");
        try {
            HttpResponse<byte[]> response = post(uri, ContractJson.bytes(config), CONFIG_TIMEOUT);
            if (response.statusCode() != 200) {
                throw new IllegalStateException("%s returned %d for %s: %s"
                        .formatted(uri, response.statusCode(), config, new String(response.body(), UTF_8)));
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot send %s to %s".formatted(config, uri), e);
        }
    }

    private HttpResponse<byte[]> post(URI uri, byte[] json, Duration timeout) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json))
                .build();
        return http.send(request, BodyHandlers.ofByteArray());
    }

    /** Whether the query API returns 200 for {@code GET /health}. */
    public boolean isApiHealthy() throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(system.api().resolve("/health"))
                .timeout(HEALTH_TIMEOUT)
                .build();
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
        threads.shutdownNow();
    }
}
