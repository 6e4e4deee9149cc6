package io.onlyonce.stream.runtime;

import io.onlyonce.model.Topics;
import io.onlyonce.stream.runtime.Progress.Offsets;
import io.onlyonce.stream.topology.OrderTopology;
import io.onlyonce.web.BrokerProbe;
import io.onlyonce.web.HealthCheck;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks from outside of Kafka Streams that the stream can do its job: the brokers respond, the topics exist and have the
 * same number of partitions, and orders are committed while records wait.
 *
 * <p>Thread-safe, except for {@link #check()} and {@link #restartProgress()}, which one thread calls.
 */
final class KafkaMonitor implements HealthCheck, AutoCloseable {
    static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(KafkaMonitor.class);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(2);

    private final StreamSettings settings;
    private final BrokerProbe brokers;
    private final Progress progress;
    private Admin admin;
    private volatile Optional<String> problem = Optional.empty();

    KafkaMonitor(StreamSettings settings) {
        this.settings = settings;
        this.brokers = new BrokerProbe(settings.bootstrapServers(), List.of(), this::admin);
        this.progress = new Progress(settings.stallTimeout());
    }

    /** Returns the client, which is replaced after a failure. */
    synchronized Admin admin() {
        if (admin == null) {
            admin = Admin.create(KafkaConfiguration.admin(settings));
        }
        return admin;
    }

    /** Asks the brokers, and returns the result of the last {@link #check()} if they respond. */
    @Override
    public Optional<String> problem() {
        return brokers.problem().or(() -> problem);
    }

    /** @throws KafkaException with the reason if the numbers of partitions differ, or if Kafka does not respond */
    void requireEqualPartitions() {
        try {
            TopicCheck.of(admin()).mismatch().ifPresent(reason -> {
                throw new KafkaException(reason);
            });
        } catch (ExecutionException e) {
            throw new KafkaException("Cannot read the topics", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** Restarts the measurement of the time without a commit. */
    void restartProgress() {
        progress.restart();
    }

    /**
     * Must be called every {@link #INTERVAL}. A failure is a problem, not an exception.
     *
     * @return the reason if the numbers of partitions differ, so that the topology must not run
     */
    Optional<String> check() {
        Optional<String> mismatch = Optional.empty();
        Optional<String> found;
        try {
            TopicCheck topics = TopicCheck.of(admin());
            mismatch = topics.mismatch();
            found = topics.missing().or(topics::mismatch);
            if (found.isEmpty()) {
                found = stall(topics.partitions().get(Topics.ORDERS));
            }
        } catch (InterruptedException | InterruptException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException | RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            found = Optional.of("cannot check the topics: " + cause.getMessage());
            // The background thread of the client can have ended, which makes every further request fail.
            closeAdmin();
        }
        if (found.isPresent() && !found.equals(problem)) {
            log.warn("Unhealthy cause=\"{}\"", found.get());
        }
        problem = found;
        return mismatch;
    }

    private Optional<String> stall(int partitions) throws ExecutionException, InterruptedException {
        Set<Integer> stalled = progress.stalled(offsets(partitions), System.nanoTime(), this::recordsExist);
        return stalled.isEmpty()
                ? Optional.empty()
                : Optional.of("records of %s wait, but none was committed for %d s: partitions %s"
                        .formatted(Topics.ORDERS, settings.stallTimeout().toSeconds(), stalled));
    }

    /** Reads the committed offsets first, so that they are not larger than the last stable offsets. */
    private Map<TopicPartition, Offsets> offsets(int partitions) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> committed = admin().listConsumerGroupOffsets(
                        OrderTopology.APPLICATION_ID)
                .partitionsToOffsetAndMetadata()
                .get();
        var starts = offsets(partitions, OffsetSpec.earliest());
        var ends = offsets(partitions, OffsetSpec.latest());
        Map<TopicPartition, Offsets> offsets = new HashMap<>();
        ends.forEach((partition, end) -> {
            OffsetAndMetadata position = committed.get(partition);
            long start = starts.get(partition).offset();
            // A reset deletes records, but not the committed offsets.
            long next = position == null ? start : Math.max(start, position.offset());
            offsets.put(partition, new Offsets(next, end.offset()));
        });
        return offsets;
    }

    private Map<TopicPartition, ListOffsetsResultInfo> offsets(int partitions, OffsetSpec spec)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> specs = new HashMap<>();
        for (int i = 0; i < partitions; i++) {
            specs.put(new TopicPartition(Topics.ORDERS, i), spec);
        }
        return admin().listOffsets(specs, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                .all()
                .get();
    }

    /** Returns false if only transaction markers and aborted records follow. */
    private boolean recordsExist(TopicPartition partition, Offsets offsets) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                KafkaConfiguration.probe(settings), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, offsets.next());
            long deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
            while (consumer.position(partition) < offsets.lastStable()) {
                if (!consumer.poll(INTERVAL).isEmpty()) {
                    return true;
                }
                if (System.nanoTime() > deadline) {
                    throw new KafkaException("timeout while reading " + partition);
                }
            }
            return false;
        }
    }

    private synchronized void closeAdmin() {
        if (admin != null) {
            admin.close(Duration.ZERO);
            admin = null;
        }
    }

    @Override
    public void close() {
        closeAdmin();
    }
}
