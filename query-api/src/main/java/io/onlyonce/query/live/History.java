package io.onlyonce.query.live;

import io.onlyonce.query.live.Sample.Event;
import io.onlyonce.query.live.Sample.Point;
import io.onlyonce.query.live.Sample.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Keeps the newest sample, the points of the last 15 minutes, and the newest events. Thread-safe. */
@Component
final class History {
    private static final int POINTS = 15 * 60;
    private static final int EVENTS = 200;

    private final Deque<Numbered> points = new ArrayDeque<>();
    private final Deque<Event> events = new ArrayDeque<>();
    /** The components that have been ok at least once. */
    private final Set<ComponentName> started = EnumSet.noneOf(ComponentName.class);

    private Sample newest;
    private long lastEvent;
    private boolean closed;

    /** @param id the id of the sample that contains the point */
    private record Numbered(long id, Point point) {}

    /**
     * The data that a client needs to continue after an earlier sample.
     *
     * @param sample the newest sample
     * @param points the points of the samples after the earlier sample, the oldest first
     * @param events all stored events, the oldest first
     */
    record Snapshot(Sample sample, List<Point> points, List<Event> events) {}

    synchronized long nextId() {
        return newest == null ? 1 : newest.id() + 1;
    }

    synchronized void add(Sample sample) {
        if (newest != null) {
            addEvents(newest, sample);
        }
        newest = sample;
        points.addLast(new Numbered(sample.id(), sample.point()));
        if (points.size() > POINTS) {
            points.removeFirst();
        }
        notifyAll();
    }

    private void addEvents(Sample before, Sample after) {
        before.components().stream()
                .filter(component -> component.state() == ComponentStatus.State.OK)
                .forEach(component -> started.add(component.name()));
        for (int i = 0; i < after.components().size(); i++) {
            ComponentStatus was = before.components().get(i);
            ComponentStatus is = after.components().get(i);
            if (was.state() == is.state()) {
                continue;
            }
            String name = is.name().wireName();
            switch (is.state()) {
                case OK -> addEvent(after.at(), "ok", recovery(was, after));
                case FAILED -> addEvent(after.at(), "failed", "%s failed: %s".formatted(name, is.reason()));
                case AFFECTED -> addEvent(after.at(), "affected", "%s is affected: %s".formatted(name, is.reason()));
            }
        }
        addModeEvent(before.settings(), after.settings(), after.at());
        if (before.tables() != null
                && after.tables() != null
                && after.tables().totalProcessedMessages() < before.tables().totalProcessedMessages()) {
            addEvent(after.at(), "reset", "All orders were deleted");
        }
    }

    /** Returns the text of the event. The first change of a component to OK is a start, not a recovery. */
    private String recovery(ComponentStatus was, Sample now) {
        String name = was.name().wireName();
        return started.contains(was.name())
                ? "%s is ok again after %d s"
                        .formatted(name, Duration.between(was.since(), now.at()).toSeconds())
                : name + " is ok";
    }

    private void addModeEvent(Settings before, Settings after, Instant at) {
        if (before.processingMode() == null || after.processingMode() == null) {
            return;
        }
        if (!Objects.equals(before.processingMode(), after.processingMode())
                || !Objects.equals(before.enableIdempotency(), after.enableIdempotency())) {
            String deduplication = Boolean.TRUE.equals(after.enableIdempotency()) ? "with" : "without";
            addEvent(
                    at, "mode", "The stream runs %s %s deduplication".formatted(after.processingMode(), deduplication));
        }
        if (!Objects.equals(before.deliveryMode(), after.deliveryMode())) {
            addEvent(at, "mode", "The ingest API delivers " + after.deliveryMode());
        }
    }

    private void addEvent(Instant at, String kind, String text) {
        events.addLast(new Event(++lastEvent, at, kind, text));
        if (events.size() > EVENTS) {
            events.removeFirst();
        }
    }

    /** Returns the data after the sample with this id; empty if no sample exists yet. */
    synchronized Optional<Snapshot> after(long id) {
        if (newest == null) {
            return Optional.empty();
        }
        // After a restart of this service, a client can send an id of the previous process. It then receives all
        // points.
        long from = id > newest.id() ? 0 : id;
        List<Point> newer = points.stream()
                .filter(point -> point.id() > from)
                .map(Numbered::point)
                .toList();
        return Optional.of(new Snapshot(newest, newer, new ArrayList<>(events)));
    }

    /**
     * Waits for a sample with a higher id.
     *
     * @return the newest sample; empty after the timeout, or if this service stops
     */
    synchronized Optional<Sample> await(long id, Duration timeout) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        while (!closed && (newest == null || newest.id() <= id)) {
            long millis = Duration.ofNanos(end - System.nanoTime()).toMillis();
            if (millis <= 0) {
                return Optional.empty();
            }
            wait(millis);
        }
        return closed ? Optional.empty() : Optional.of(newest);
    }

    synchronized Optional<Sample> newest() {
        return Optional.ofNullable(newest);
    }

    /** Returns the id of the newest event; 0 if there is none. */
    synchronized long lastEvent() {
        return lastEvent;
    }

    synchronized List<Event> eventsAfter(long id) {
        return events.stream().filter(event -> event.id() > id).toList();
    }

    /** Reverses {@link #close}, because Spring can start a stopped application again. */
    synchronized void open() {
        closed = false;
    }

    /** Ends all calls of {@link #await}, which then return empty. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
