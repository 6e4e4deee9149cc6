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
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** HTTP client of the three services. It never retries. Thread-safe. */
public final class ServiceClient implements AutoCloseable {
    public static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(15);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration HEALTH_TIMEOUT = Duration.ofSeconds(2);
    /** A mode change of the stream restarts its topology. */
    private static final Duration CONFIG_TIMEOUT = Duration.ofSeconds(60);

    /** The service did not process the request: it arrived too slowly, or there were too many requests. */
    private static final Set<Integer> REPEATABLE = Set.of(408, 429);

    private final SystemUnderTest system;
    private final Duration requestTimeout;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();

    /** @param requestTimeout timeout of a request that sends orders */
    public ServiceClient(SystemUnderTest system, Duration requestTimeout) {
        this.system = system;
        this.requestTimeout = requestTimeout;
    }

    IngestResponse send(OrderSender.Request request) throws InterruptedException {
        try {
            URI uri = system.producer().resolve(request.path());
            HttpResponse<byte[]> response = post(uri, request.json(), requestTimeout);
            int status = response.statusCode();
            if (status == 200) {
                return new IngestResponse.Acknowledged(partition(response.body()));
            }
            return status >= 400 && status < 500 && !REPEATABLE.contains(status)
                    ? new IngestResponse.Rejected(status + " " + new String(response.body(), UTF_8))
                    : new IngestResponse.Unanswered();
        } catch (ConnectException | HttpConnectTimeoutException e) {
            return new IngestResponse.NotSent();
        } catch (IOException e) {
            return new IngestResponse.Unanswered();
        }
    }

    private static int partition(byte[] body) {
        try {
            return ContractJson.object(body).path("partition").intValue(-1);
        } catch (InvalidJsonException e) {
            return -1;
        }
    }

    /**
     * Configures the stream. The ingest API always uses exactly-once, so that runs differ in the stream only.
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
                String body = new String(response.body(), UTF_8);
                throw new IllegalStateException(
                        "%s returned %d for %s: %s".formatted(uri, response.statusCode(), config, body));
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot send %s to %s".formatted(config, uri), e);
        }
    }

    private HttpResponse<byte[]> post(URI uri, byte[] json, Duration timeout) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json));
        system.adminToken().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    /** Whether the query API returns 200 for {@code GET /health}. */
    public boolean isApiHealthy() throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(system.api().resolve("/health"));
        try {
            var response = http.send(request.timeout(HEALTH_TIMEOUT).build(), BodyHandlers.discarding());
            return response.statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
