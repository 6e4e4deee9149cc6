package io.onlyonce.verifier;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Knows for each part by which output its recovery shows. RUNNING is not working: only new output counts. */
final class Recovery {
    private static final Duration HEALTH_TIMEOUT = Duration.ofSeconds(2);
    private static final long HEALTH_PAUSE_MILLIS = 50;

    private final SystemUnderTest system;
    private final KafkaAccess kafka;
    private final OutputWatcher output;
    private final RowWatcher rows;
    private final Meter meter;

    Recovery(SystemUnderTest system, KafkaAccess kafka, OutputWatcher output, RowWatcher rows, Meter meter) {
        this.system = system;
        this.kafka = kafka;
        this.output = output;
        this.rows = rows;
        this.meter = meter;
    }

    /** What the recovery of the part is seen by. */
    static String measure(ComponentName part) {
        return switch (part) {
            case CONSUMER -> "first record committed to orders.processed";
            case PRODUCER -> "first order acknowledged";
            case KAFKA -> "first order acknowledged and first record committed to orders.processed";
            case CONNECT, POSTGRES -> "first row in processed_messages";
            case API -> "first answer";
        };
    }

    /**
     * Whether the mark must be set while the part is still away, so that what it does as soon as it is back counts.
     * Kafka and PostgreSQL can only be asked how far they are once they are back.
     */
    static boolean isAskedBeforeTheStart(ComponentName part) {
        return part != ComponentName.KAFKA && part != ComponentName.POSTGRES;
    }

    /** @return the moment (nanoTime) of the first output that is newer than this call */
    CompletableFuture<Long> next(ComponentName part) throws InterruptedException {
        return switch (part) {
            case CONSUMER -> output.firstOutputBeyond(kafka.lastStableOffsets(Topic.PROCESSED));
            case PRODUCER -> meter.acknowledgementOfARequestSentAfter(System.nanoTime());
            case KAFKA ->
                meter.acknowledgementOfARequestSentAfter(System.nanoTime())
                        .thenCombine(output.firstOutputBeyond(kafka.lastStableOffsets(Topic.PROCESSED)), Math::max);
            case CONNECT, POSTGRES -> rows.nextRow();
            case API -> answer(system.api().resolve("/health"));
        };
    }

    private static CompletableFuture<Long> answer(URI health) {
        CompletableFuture<Long> at = new CompletableFuture<>();
        Thread.ofVirtual().name("health of api").start(() -> {
            HttpRequest request =
                    HttpRequest.newBuilder(health).timeout(HEALTH_TIMEOUT).build();
            try (HttpClient http =
                    HttpClient.newBuilder().connectTimeout(HEALTH_TIMEOUT).build()) {
                while (!at.isDone()) {
                    try {
                        if (http.send(request, HttpResponse.BodyHandlers.discarding())
                                        .statusCode()
                                == 200) {
                            at.complete(System.nanoTime());
                        }
                    } catch (IOException e) {
                        // Not there yet; whoever waits has a bound.
                    }
                    TimeUnit.MILLISECONDS.sleep(HEALTH_PAUSE_MILLIS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return at;
    }
}
