package io.onlyonce.ingest.delivery;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.Producer;
import org.springframework.core.NestedExceptionUtils;

/** The modes without transactions: one producer for all, which differ in its settings only. */
final class PlainSender implements Sender {
    private final Map<String, Object> settings;
    private final Duration answerWithin;
    private Producer<byte[], byte[]> producer;

    PlainSender(Map<String, Object> settings, Duration answerWithin) {
        this.settings = settings;
        this.answerWithin = answerWithin;
    }

    @Override
    public Outcome send(Submission submission) throws InterruptedException {
        Submission.Attempt attempt;
        try {
            attempt = submission.sendTo(producer());
        } catch (RuntimeException e) {
            return submission.settle(new Outcome.NotWritten(said(e)));
        }
        attempt.whenTold(() -> submission.settle(outcome(attempt)));
        return submission.await(answerWithin).orElse(new Outcome.Unknown("The broker has not acknowledged it yet"));
    }

    private static Outcome outcome(Submission.Attempt attempt) {
        if (attempt.acknowledged()) {
            return new Outcome.Written(attempt.positions());
        }
        return attempt.recordAtFault()
                ? new Outcome.Refused(said(attempt.failure()))
                // It may have reached the broker before its answer was given up.
                : new Outcome.Unknown(said(attempt.failure()));
    }

    private static String said(Exception failure) {
        return NestedExceptionUtils.getMostSpecificCause(failure).getMessage();
    }

    /** Opened by the first who needs it: the broker's name may not resolve before that. */
    private synchronized Producer<byte[], byte[]> producer() {
        if (producer == null) {
            producer = ProducerSettings.open(settings);
        }
        return producer;
    }

    @Override
    public Optional<String> problem() {
        return Optional.empty();
    }

    @Override
    public synchronized void close() {
        if (producer != null) {
            producer.close(answerWithin);
        }
    }
}
