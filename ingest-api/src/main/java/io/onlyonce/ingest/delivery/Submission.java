package io.onlyonce.ingest.delivery;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;

/** The records of one request, to be written as a unit, and what became of them. */
public final class Submission {
    private final List<ProducerRecord<byte[], byte[]>> records;
    private final long bytes;
    /** The request's: so that an agent links its span to the producer's, though another thread sends. */
    private final Context context = Context.current();

    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private volatile Attempt attempt;
    private int attempts;

    public Submission(List<ProducerRecord<byte[], byte[]>> records) {
        this.records = List.copyOf(records);
        this.bytes = records.stream().mapToLong(Submission::size).sum();
    }

    private static long size(ProducerRecord<byte[], byte[]> record) {
        long size = record.key().length + (long) record.value().length;
        for (Header header : record.headers()) {
            size += header.key().length() + header.value().length;
        }
        return size;
    }

    int records() {
        return records.size();
    }

    long bytes() {
        return bytes;
    }

    /** How often it was sent. */
    int attempts() {
        return attempts;
    }

    /** @return a record larger than the limit, if there is one */
    Optional<Outcome> refusal(long maxRecordBytes) {
        for (ProducerRecord<byte[], byte[]> record : records) {
            long size = size(record);
            if (size > maxRecordBytes) {
                return Optional.of(new Outcome.Refused(
                        "A record has %d bytes, %d more than the limit".formatted(size, size - maxRecordBytes)));
            }
        }
        return Optional.empty();
    }

    /**
     * Hands every record to the producer; how each fares is told later, by the producer's own thread.
     *
     * @throws org.apache.kafka.common.KafkaException where the producer takes no more records
     */
    Attempt sendTo(Producer<byte[], byte[]> producer) {
        attempts++;
        Attempt current = new Attempt(records.size());
        attempt = current;
        try (Scope scope = context.makeCurrent()) {
            for (int i = 0; i < records.size(); i++) {
                int index = i;
                producer.send(records.get(i), (metadata, failure) -> current.told(index, metadata, failure));
            }
        }
        return current;
    }

    /** The latest, or null before the first. */
    Attempt attempt() {
        return attempt;
    }

    /** Only the first call has an effect. */
    Outcome settle(Outcome result) {
        outcome.complete(result);
        return result;
    }

    /** Runs the action when the outcome is known, which may be later than the request's answer. */
    public void whenSettled(Runnable action) {
        outcome.whenComplete((settled, impossible) -> action.run());
    }

    /** @return empty where the outcome is not known in time */
    Optional<Outcome> await(Duration patience) throws InterruptedException {
        try {
            return Optional.of(outcome.get(patience.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new AssertionError("An outcome is a value", e);
        }
    }

    /** One sending of the records, and what the broker said of each. */
    static final class Attempt {
        private final Position[] positions;
        private final AtomicInteger untold;
        private final CompletableFuture<Void> told = new CompletableFuture<>();
        private volatile Exception failure;

        private Attempt(int records) {
            positions = new Position[records];
            untold = new AtomicInteger(records);
        }

        private void told(int index, RecordMetadata metadata, Exception exception) {
            if (exception == null) {
                positions[index] = new Position(metadata.partition(), metadata.hasOffset() ? metadata.offset() : null);
            } else {
                failure = exception;
            }
            if (untold.decrementAndGet() == 0) {
                told.complete(null);
            }
        }

        /** Runs the action when the broker, or the producer in its stead, has spoken of every record. */
        void whenTold(Runnable action) {
            told.thenRun(action);
        }

        /** Whether the broker has acknowledged every record. */
        boolean acknowledged() {
            return told.isDone() && failure == null;
        }

        /** Whether the broker will never take one of the records, whoever sends it. */
        boolean recordAtFault() {
            return failure instanceof RecordTooLargeException || failure instanceof InvalidRecordException;
        }

        /** @return null where there was none, so far */
        Exception failure() {
            return failure;
        }

        List<Position> positions() {
            return List.of(positions);
        }
    }
}
