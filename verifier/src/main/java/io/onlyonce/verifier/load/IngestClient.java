package io.onlyonce.verifier.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.verifier.plan.ContractJson;
import io.onlyonce.verifier.plan.ContractJson.InvalidJsonException;
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

/** HTTP client of the ingest API. It never retries. */
public final class IngestClient implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .executor(threads)
            .build();
    private final URI producer;
    private final Duration timeout;

    /**
     * @param producer base URL of the ingest API
     * @param timeout request timeout
     */
    public IngestClient(URI producer, Duration timeout) {
        this.producer = producer;
        this.timeout = timeout;
    }

    IngestResponse send(IngestRequests.Request request) throws InterruptedException {
        HttpRequest post = HttpRequest.newBuilder(producer.resolve(request.path()))
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.json()))
                .build();
        try {
            return read(http.send(post, HttpResponse.BodyHandlers.ofByteArray()));
        } catch (ConnectException | HttpConnectTimeoutException e) {
            return new IngestResponse.NotSent(e.toString());
        } catch (IOException e) {
            return new IngestResponse.Unanswered(e.toString());
        }
    }

    private static IngestResponse read(HttpResponse<byte[]> response) {
        int status = response.statusCode();
        if (status == 200) {
            return new IngestResponse.Acknowledged(partition(response.body()));
        }
        String reason = status + " " + new String(response.body(), UTF_8);
        return status >= 400 && status < 500
                ? new IngestResponse.Rejected(reason)
                : new IngestResponse.Unanswered(reason);
    }

    private static int partition(byte[] body) {
        try {
            JsonNode partition = ContractJson.object(body).path("partition");
            return partition.isInt() ? partition.intValue() : -1;
        } catch (InvalidJsonException e) {
            return -1;
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
        threads.shutdownNow();
    }
}
