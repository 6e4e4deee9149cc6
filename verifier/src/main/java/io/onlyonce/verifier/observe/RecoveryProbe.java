package io.onlyonce.verifier.observe;

import io.onlyonce.verifier.ComponentName;
import io.onlyonce.verifier.check.Topic;
import io.onlyonce.verifier.load.LoadStatistics;
import io.onlyonce.verifier.load.ServiceClient;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Detects the recovery of a component by its first new output. A running process alone does not count. */
public record RecoveryProbe(
        ServiceClient client, TopicReader topics, OutputWatcher output, RowWatcher rows, LoadStatistics statistics) {
    private static final long HEALTH_POLL_MILLIS = 50;

    public static String expectedOutput(ComponentName component) {
        return switch (component) {
            case CONSUMER -> "first record committed to orders.processed";
            case PRODUCER -> "first order acknowledged";
            case KAFKA -> "first acknowledgment and output";
            case CONNECT, POSTGRES -> "first row in processed_messages";
            case API -> "first answer";
        };
    }

    /** Whether {@link #nextOutput} can be called while the component is down, so that its first output counts. */
    public static boolean isArmedBeforeRestart(ComponentName component) {
        return component != ComponentName.KAFKA && component != ComponentName.POSTGRES;
    }

    /** Returns the time (nanoTime) of the first output after this call. */
    public CompletableFuture<Long> nextOutput(ComponentName component) throws InterruptedException {
        return switch (component) {
            case CONSUMER -> output.firstOutputAfter(topics.lastStableOffsets(Topic.PROCESSED));
            case PRODUCER -> statistics.nextAcknowledgement();
            case KAFKA -> nextOutput(ComponentName.PRODUCER).thenCombine(nextOutput(ComponentName.CONSUMER), Math::max);
            case CONNECT, POSTGRES -> rows.nextRow();
            case API -> nextApiResponse();
        };
    }

    private CompletableFuture<Long> nextApiResponse() {
        CompletableFuture<Long> at = new CompletableFuture<>();
        Thread.ofVirtual().name("api-health").start(() -> {
            try {
                while (!client.isApiHealthy()) {
                    TimeUnit.MILLISECONDS.sleep(HEALTH_POLL_MILLIS);
                }
                at.complete(System.nanoTime());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return at;
    }
}
