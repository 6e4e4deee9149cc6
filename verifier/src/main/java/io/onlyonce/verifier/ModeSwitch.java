package io.onlyonce.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Sets the services' modes by their contract's {@code /config}. */
final class ModeSwitch {
    /** A change of the stream's mode restarts its topology. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final SystemUnderTest system;

    ModeSwitch(SystemUnderTest system) {
        this.system = system;
    }

    /** Orders are taken in exactly-once in any case: what is compared is the stream. */
    void set(Mode mode) throws InterruptedException {
        post(
                system.producer(),
                Json.object().put("delivery_mode", "exactly-once").put("enable_transactions", true));
        ObjectNode stream = Json.object();
        stream.put("processing_mode", mode.wireName());
        stream.put("enable_idempotency", mode.deduplicates());
        post(system.consumer(), stream);
    }

    private static void post(URI service, JsonNode config) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(service.resolve("/config"))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(config)))
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() != 200) {
                throw new IllegalStateException("%s answered %d to %s: %s"
                        .formatted(request.uri(), response.statusCode(), config, new String(response.body(), UTF_8)));
            }
        } catch (IOException e) {
            throw new IllegalStateException("%s does not take %s".formatted(request.uri(), config), e);
        }
    }
}
