package io.onlyonce.query.live;

import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.live.History.Snapshot;
import io.onlyonce.query.live.Sample.Event;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Provides the samples to the console and to other clients. */
@RestController
@Tag(name = "Live", description = "The state of all components and of the pipeline, once per second")
final class LiveController {
    /** Each stream occupies a connection. The limit keeps connections available for other requests. */
    private static final int MAX_STREAMS = 150;

    private static final Duration FIRST_SAMPLE = Duration.ofSeconds(5);
    private static final Duration NEXT_SAMPLE = Duration.ofSeconds(15);

    private final History history;
    private final Launcher launcher;
    private final JsonMapper json;
    private final Semaphore streams = new Semaphore(MAX_STREAMS);

    LiveController(History history, Launcher launcher, JsonMapper json) {
        this.history = history;
        this.launcher = launcher;
        this.json = json;
    }

    /**
     * @param points the points of the last 15 minutes, or after the sample of Last-Event-ID; the oldest first
     * @param events the newest 200 events, the oldest first
     * @param control whether `POST /components/{name}/{action}` works
     * @param startCommand the command that starts a component, without the name of the component
     */
    record Overview(
            Sample sample, List<Sample.Point> points, List<Event> events, boolean control, String startCommand) {}

    /** @param events the events since the previous sample */
    record Update(Sample sample, List<Event> events) {}

    @GetMapping("/events/history")
    @Operation(
            operationId = "getHistory",
            summary = "Returns the newest sample, the points of the last 15 minutes, and the newest events")
    Overview history() {
        return first(0);
    }

    @GetMapping(path = "/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Operation(
            operationId = "streamSamples",
            summary =
                    "Streams server-sent events: first a `snapshot` with the content of GET /events/history, then one `change` per "
                            + "second. With Last-Event-ID, the snapshot contains only the points after that sample")
    @ApiResponse(
            responseCode = "200",
            description = "An endless stream of events",
            content = @Content(mediaType = MediaType.TEXT_EVENT_STREAM_VALUE, schema = @Schema(type = "string")))
    void stream(
            @Schema(minimum = "0") @RequestHeader(name = "Last-Event-ID", defaultValue = "0") long lastEventId,
            HttpServletResponse response)
            throws IOException, InterruptedException {
        if (!streams.tryAcquire()) {
            throw new UnavailableException("%d pages already receive the samples".formatted(MAX_STREAMS))
                    .retryAfter(10);
        }
        try {
            Overview overview = first(lastEventId);
            response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
            response.setCharacterEncoding(StandardCharsets.UTF_8);
            response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
            OutputStream out = response.getOutputStream();
            send(out, "snapshot", overview.sample().id(), overview);
            long id = overview.sample().id();
            long event = overview.events().isEmpty()
                    ? 0
                    : overview.events().getLast().id();
            // A client that reads slowly blocks only the virtual thread of its request.
            for (Optional<Sample> next = history.await(id, NEXT_SAMPLE);
                    next.isPresent();
                    next = history.await(id, NEXT_SAMPLE)) {
                List<Event> events = history.eventsAfter(event);
                id = next.get().id();
                event = events.isEmpty() ? event : events.getLast().id();
                send(out, "change", id, new Update(next.get(), events));
            }
        } finally {
            streams.release();
        }
    }

    private Overview first(long lastEventId) {
        try {
            history.await(0, FIRST_SAMPLE);
        } catch (InterruptedException e) {
            throw UnavailableException.interrupted(e);
        }
        Snapshot snapshot = history.after(lastEventId)
                .orElseThrow(() -> new UnavailableException("There is no sample yet").retryAfter(1));
        return new Overview(
                snapshot.sample(),
                snapshot.points(),
                snapshot.events(),
                launcher.isAvailable(),
                launcher.startCommand());
    }

    private void send(OutputStream out, String type, long id, Object data) throws IOException {
        String event = "id: %d\nevent: %s\ndata: %s\n\n".formatted(id, type, json.writeValueAsString(data));
        out.write(event.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
