package io.onlyonce.ingest.delivery;

import java.util.Optional;

/** One way of writing records. Used by many threads. */
sealed interface Sender extends AutoCloseable permits TransactionalSender, PlainSender {
    /**
     * Waits for the outcome; where it is still open after the time that a request has, it is {@link Outcome.Unknown}. In
     * any case the submission is settled, sooner or later.
     */
    Outcome send(Submission submission) throws InterruptedException;

    /** @return why nothing can be written this way at the moment */
    Optional<String> problem();

    /** Ends what is in flight, within the time that a request has. */
    @Override
    void close();
}
