package io.onlyonce.verifier.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.verifier.SystemUnderTest;
import io.onlyonce.verifier.check.Guarantee;
import io.onlyonce.verifier.plan.ContractJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.databind.node.ObjectNode;

/** Configures the services with {@code POST /config}. */
public final class ServiceConfig {
    /** A mode change of the stream restarts its topology. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private ServiceConfig() {}

    /**
     * Configures the stream for the guarantee. The ingest API always uses exactly-once, so that runs differ in the stream
     * only.
     *
     * @throws IllegalStateException if a service does not accept the configuration
     */
    public static void apply(Guarantee guarantee, SystemUnderTest system) throws InterruptedException {
        post(
                system.producer(),
                ContractJson.newObject().put("delivery_mode", "exactly-once").put("enable_transactions", true));
        post(
                system.consumer(),
                ContractJson.newObject()
                        .put("processing_mode", guarantee.wireName())
                        .put("enable_idempotency", guarantee.deduplicates()));
    }

    private static void post(URI service, ObjectNode config) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(service.resolve("/config"))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(ContractJson.bytes(config)))
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() != 200) {
                throw new IllegalStateException("%s returned %d for %s: %s"
                        .formatted(request.uri(), response.statusCode(), config, new String(response.body(), UTF_8)));
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot send %s to %s".formatted(config, request.uri()), e);
        }
    }
}
