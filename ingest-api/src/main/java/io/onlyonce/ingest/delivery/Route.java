package io.onlyonce.ingest.delivery;

/** The settings of one moment, and the sender that keeps their promise. */
public final class Route {
    private final DeliverySettings settings;
    private final Sender sender;
    private final long recordMaxBytes;
    private final DeliveryMetrics metrics;

    Route(DeliverySettings settings, Sender sender, long recordMaxBytes, DeliveryMetrics metrics) {
        this.settings = settings;
        this.sender = sender;
        this.recordMaxBytes = recordMaxBytes;
        this.metrics = metrics;
    }

    public DeliverySettings settings() {
        return settings;
    }

    Sender sender() {
        return sender;
    }

    /** Waits for the outcome, no longer than a request may; the submission is settled then or later. */
    public Outcome send(Submission submission) throws InterruptedException {
        long start = System.nanoTime();
        // What is too large would abort the transaction of others: it does not get that far.
        var refusal = submission.refusal(recordMaxBytes);
        Outcome outcome = refusal.isPresent() ? submission.settle(refusal.get()) : sender.send(submission);
        metrics.answered(settings.mode(), outcome, submission.records(), System.nanoTime() - start);
        return outcome;
    }
}
