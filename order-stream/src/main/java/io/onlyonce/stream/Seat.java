package io.onlyonce.stream;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InterruptException;

/** One of {@link Seats}: an identity that is held by one thread after the other. */
final class Seat {
    /** Longer than any regular close of a thread's tasks. */
    private static final Duration PREDECESSOR_TIMEOUT = Duration.ofSeconds(30);

    private static final Duration LOOK_UP_TIMEOUT = Duration.ofSeconds(10);

    private final String id;
    private SeatConsumer holder;
    private Producer<byte[], byte[]> producer;
    private volatile String memberId = "";

    Seat(String id) {
        this.id = id;
    }

    /** Both the group.instance.id and the end of the transactional.id. */
    String id() {
        return id;
    }

    /** @return the consumer that held the seat before, if it has not been the first */
    synchronized Optional<SeatConsumer> occupy(SeatConsumer consumer) {
        Optional<SeatConsumer> predecessor = Optional.ofNullable(holder);
        holder = consumer;
        return predecessor;
    }

    synchronized void setProducer(Producer<byte[], byte[]> producer) {
        this.producer = producer;
    }

    void flush() {
        Producer<byte[], byte[]> current;
        synchronized (this) {
            current = producer;
        }
        current.flush();
    }

    /** Remembers under which member id the group knows this seat. */
    void joinedAs(String newMemberId) {
        if (!newMemberId.isEmpty() && !newMemberId.equals(memberId)) {
            memberId = newMemberId;
        }
    }

    /**
     * Asks the group whether this seat is still ours. To be called before joining it again: a join without a member id
     * takes a static identity over from whoever holds it, and a process that was frozen, and replaced meanwhile, would
     * throw its replacement out.
     *
     * @throws FencedInstanceIdException where another process has taken it
     */
    void confirmOurs(Admin admin) {
        String known = memberId;
        if (known.isEmpty()) {
            return;
        }
        members(admin)
                .filter(member -> member.groupInstanceId().equals(Optional.of(id)))
                .filter(member -> !member.consumerId().equals(known))
                .findAny()
                .ifPresent(member -> {
                    throw new FencedInstanceIdException("%s is held by another process now: %s on %s"
                            .formatted(id, member.consumerId(), member.host()));
                });
    }

    void awaitClosed(SeatConsumer predecessor) {
        try {
            if (!predecessor.closed().await(PREDECESSOR_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new KafkaException("the thread that held " + id + " before does not end");
            }
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private static Stream<MemberDescription> members(Admin admin) {
        try {
            return admin
                    .describeConsumerGroups(List.of(OrderTopology.APPLICATION_ID))
                    .describedGroups()
                    .get(OrderTopology.APPLICATION_ID)
                    .get(LOOK_UP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .members()
                    .stream();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return Stream.empty();
            }
            throw new KafkaException("cannot look up the group's members", e.getCause());
        } catch (TimeoutException e) {
            throw new KafkaException("cannot look up the group's members", e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
