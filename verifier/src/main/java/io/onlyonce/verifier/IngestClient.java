package io.onlyonce.verifier;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;

/** Sends orders by HTTP, as any client would: one request, one answer, no hidden second try. */
final class IngestClient implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http;
    private final URI orders;
    private final URI batches;
    private final Duration timeout;

    /**
     * @param producer base URL of the ingest API
     * @param timeout how long an answer is waited for
     */
    IngestClient(URI producer, Duration timeout) {
        this.orders = producer.resolve("/orders");
        this.batches = producer.resolve("/orders/batch");
        this.timeout = timeout;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .executor(threads)
                .build();
    }

    Answer order(byte[] json) throws InterruptedException {
        return post(orders, json);
    }

    /** Several orders, all or nothing. */
    Answer batch(byte[] json) throws InterruptedException {
        return post(batches, json);
    }

    private Answer post(URI uri, byte[] json) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json))
                .build();
        try {
            return read(http.send(request, HttpResponse.BodyHandlers.ofByteArray()));
        } catch (ConnectException | HttpConnectTimeoutException e) {
            return new Answer.NotSent(e.toString());
        } catch (IOException e) {
            return new Answer.Unanswered(e.toString());
        }
    }

    private static Answer read(HttpResponse<byte[]> response) {
        int status = response.statusCode();
        if (status == 200) {
            return new Answer.Acknowledged(partition(response.body()));
        }
        String why = status + " " + new String(response.body(), java.nio.charset.StandardCharsets.UTF_8);
        return status >= 400 && status < 500 ? new Answer.Rejected(status, why) : new Answer.Unanswered(why);
    }

    private static int partition(byte[] body) {
        try {
            JsonNode partition = Json.object(body).path("partition");
            return partition.isInt() ? partition.intValue() : -1;
        } catch (Json.UnreadableException e) {
            return -1;
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
        threads.shutdownNow();
    }
}
