package io.onlyonce.query.deadletters;

import io.onlyonce.model.kafka.ConsumerGroups;
import io.onlyonce.model.kafka.Sink;
import io.onlyonce.model.time.Deadline;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.deadletters.DeadLetterSummary.Coordinates;
import io.onlyonce.query.deadletters.Replay.Path;
import io.onlyonce.query.deadletters.Replay.Replayed;
import io.onlyonce.query.kafka.KafkaClients;
import io.onlyonce.query.services.ConnectClient;
import io.onlyonce.query.services.ControlLock;
import io.onlyonce.web.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Sets the offset of a stopped connector to the record of a dead letter. The connector then reads this record and all later
 * records of the partition again. Each table has a unique key, so no record becomes a second row.
 */
@Component
final class SinkReplay {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

    private final KafkaClients kafka;
    private final ConnectClient connect;
    private final JdbcClient jdbc;
    private final ControlLock lock;

    SinkReplay(KafkaClients kafka, ConnectClient connect, JdbcClient jdbc, ControlLock lock) {
        this.kafka = kafka;
        this.connect = connect;
        this.jdbc = jdbc;
        this.lock = lock;
    }

    Replayed readAgain(ConsumerRecord<byte[], byte[]> letter) {
        Coordinates source = DeadLetterSummary.source(letter)
                .orElseThrow(() -> Problem.of(
                        HttpStatus.UNPROCESSABLE_CONTENT, "The dead letter does not contain its source coordinates"));
        String connector = Sink.connectorOf(letter.topic());
        return lock.run(() -> new Replayed(Path.SINK, null, source, rewind(connector, source)));
    }

    /** Stops, repositions and resumes the connector. Returns the number of offsets that it reads again. */
    private long rewind(String connector, Coordinates source) {
        TopicPartition partition = new TopicPartition(source.topic(), source.partition());
        try {
            Deadline deadline = Deadline.in(STOP_TIMEOUT);
            if (!connect.connectors(deadline).contains(connector)) {
                throw Problem.of(HttpStatus.CONFLICT, "The connector " + connector + " does not exist");
            }
            try {
                connect.stop(List.of(connector), deadline);
                // While the connector is stopped, its position does not change.
                requireRecord(partition, source.offset());
                long position = position(connector, partition).orElse(source.offset());
                if (position > source.offset()) {
                    connect.setOffset(connector, partition, source.offset(), deadline);
                }
                return Math.max(0, position - source.offset());
            } finally {
                connect.resume(connector);
            }
        } catch (InterruptedException e) {
            throw UnavailableException.interrupted(e);
        }
    }

    private void requireRecord(TopicPartition partition, long offset) {
        var log = kafka.offsets(partition)
                .orElseThrow(() -> Problem.of(HttpStatus.CONFLICT, "The partition " + partition + " does not exist"));
        if (!log.contains(offset)) {
            throw Problem.of(
                    HttpStatus.CONFLICT,
                    "The record at offset %d of %s was deleted. Only the dead letter contains it"
                            .formatted(offset, partition));
        }
    }

    /**
     * Returns the offset at which the connector continues; empty if none is stored. The transactional sink stores it in the
     * database, and the Debezium connectors store it in their consumer groups.
     */
    private Optional<Long> position(String connector, TopicPartition partition) {
        if (Sink.TRANSACTIONAL.connectors().contains(connector)) {
            return jdbc.sql("SELECT next_offset FROM sink_offsets WHERE connector = ? AND topic = ? AND partition = ?")
                    .params(connector, partition.topic(), partition.partition())
                    .query(Long.class)
                    .optional();
        }
        return Optional.ofNullable(
                kafka.committedOffsets(ConsumerGroups.ofConnector(connector)).get(partition));
    }
}
