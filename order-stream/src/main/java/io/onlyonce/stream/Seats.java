package io.onlyonce.stream;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The identities of this instance's stream threads: INSTANCE_ID-1, INSTANCE_ID-2, ... A seat is the static member in the
 * consumer group and the transactional id, so whoever takes it goes on with the same partitions, and the transaction that
 * the one before left open is aborted at once.
 *
 * <p>Kafka Streams numbers its threads too, but gives a replaced thread a new number: the old member would keep the
 * partitions until its session has timed out. Here a replacement, which Kafka Streams creates on the dying thread, takes
 * over that thread's seat. The seats outlive a restart of the topology in place.
 */
final class Seats {
    private final String instanceId;
    private final List<Seat> seats = new ArrayList<>();
    private final Map<String, Seat> byThread = new HashMap<>();

    Seats(String instanceId) {
        this.instanceId = instanceId;
    }

    /** The seat of a thread that is being created, or exists. */
    synchronized Seat of(String thread) {
        Seat seat = byThread.get(thread);
        if (seat == null) {
            Seat inherited = byThread.remove(Thread.currentThread().getName());
            seat = inherited != null ? inherited : lowestFree();
            byThread.put(thread, seat);
        }
        return seat;
    }

    synchronized void leave(String thread) {
        byThread.remove(thread);
    }

    /** Returns when everything that the calling stream thread has produced is with the brokers. */
    void flushCurrentThread() {
        Seat seat;
        synchronized (this) {
            seat = byThread.get(Thread.currentThread().getName());
        }
        seat.flush();
    }

    private Seat lowestFree() {
        return seats.stream()
                .filter(seat -> !byThread.containsValue(seat))
                .findFirst()
                .orElseGet(() -> {
                    Seat seat = new Seat(instanceId + "-" + (seats.size() + 1));
                    seats.add(seat);
                    return seat;
                });
    }
}
