package io.onlyonce.query;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** HTTP client of a service. */
record Api(URI address) {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON = new JsonMapper();

    record Response(int status, String type, String text) {
        JsonNode json() {
            return JSON.readTree(text);
        }

        /** Returns the value at a JSON pointer. */
        JsonNode at(String pointer) {
            return json().at(pointer);
        }
    }

    Response get(String path) {
        return send(HttpRequest.newBuilder().GET(), path);
    }

    Response post(String path) {
        return send(HttpRequest.newBuilder().POST(BodyPublishers.noBody()), path);
    }

    Response post(String path, String json) {
        return send(
                HttpRequest.newBuilder()
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(json)),
                path);
    }

    Response send(HttpRequest.Builder request, String path) {
        try {
            HttpResponse<String> response = HTTP.send(
                    request.uri(URI.create(address + path))
                            .timeout(Duration.ofMinutes(2))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return new Response(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
