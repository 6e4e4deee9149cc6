package io.onlyonce.web;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;

/**
 * A Kafka admin client that is replaced after it has failed for ten seconds. The thread of a client can end, for example
 * with {@link OutOfMemoryError}; after that, every request of the client fails. Thread-safe.
 */
public final class KafkaAdmin implements AutoCloseable {
    private static final Duration REPLACE_AFTER = Duration.ofSeconds(10);

    private final Supplier<Admin> factory;
    private final Duration replaceAfter;
    private Optional<Admin> client = Optional.empty();
    /** {@link System#nanoTime()} of the first failure since the last success or replacement. */
    private Optional<Long> failingSince = Optional.empty();

    /** @param factory called when the first client is needed, because it fails while the broker's name is unresolvable */
    public KafkaAdmin(Supplier<Admin> factory) {
        this(factory, REPLACE_AFTER);
    }

    KafkaAdmin(Supplier<Admin> factory, Duration replaceAfter) {
        this.factory = factory;
        this.replaceAfter = replaceAfter;
    }

    /** @throws org.apache.kafka.common.KafkaException if no client can be created */
    public synchronized Admin client() {
        if (failingSince.isPresent() && System.nanoTime() - failingSince.get() >= replaceAfter.toNanos()) {
            close();
        }
        if (client.isEmpty()) {
            client = Optional.of(factory.get());
        }
        return client.get();
    }

    /** Must be called after a request to the broker succeeded. */
    public synchronized void succeeded() {
        failingSince = Optional.empty();
    }

    /** Must be called after a request to the broker failed or timed out. */
    public synchronized void failed() {
        if (failingSince.isEmpty()) {
            failingSince = Optional.of(System.nanoTime());
        }
    }

    /** Does not wait for pending requests, because they would not complete. */
    @Override
    public synchronized void close() {
        client.ifPresent(admin -> admin.close(Duration.ZERO));
        client = Optional.empty();
        failingSince = Optional.empty();
    }
}
