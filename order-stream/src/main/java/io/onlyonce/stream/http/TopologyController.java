package io.onlyonce.stream.http;

import io.onlyonce.stream.runtime.OrderStream;
import io.onlyonce.stream.runtime.StreamSettings;
import io.onlyonce.web.Guarded;
import io.swagger.v3.oas.annotations.Operation;
import java.net.URI;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.ThreadMetadata;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.view.RedirectView;

@RestController
final class TopologyController {
    private final OrderStream stream;
    private final Peers peers;
    private final StreamSettings settings;
    private volatile List<URI> stoppedTogether = List.of();

    TopologyController(OrderStream stream, Peers peers, StreamSettings settings) {
        this.stream = stream;
        this.peers = peers;
        this.settings = settings;
    }

    /**
     * @param committed the committed offset, by partition of {@code orders}
     * @param end the last known end offset, by partition of {@code orders}
     */
    record Task(String id, Map<String, Long> committed, Map<String, Long> end) {
        static Task of(TaskMetadata task) {
            return new Task(task.taskId().toString(), byName(task.committedOffsets()), byName(task.endOffsets()));
        }

        private static Map<String, Long> byName(Map<TopicPartition, Long> offsets) {
            return offsets.entrySet().stream()
                    .collect(Collectors.toMap(entry -> entry.getKey().toString(), Map.Entry::getValue));
        }
    }

    record StreamThread(String name, String state, List<Task> active, List<Task> standby) {
        static StreamThread of(ThreadMetadata thread) {
            return new StreamThread(
                    thread.threadName(),
                    thread.threadState(),
                    thread.activeTasks().stream().map(Task::of).toList(),
                    thread.standbyTasks().stream().map(Task::of).toList());
        }
    }

    record TopologyView(
            String description, String state, String consumerId, List<String> peers, List<StreamThread> threads) {}

    record State(String state) {}

    @GetMapping("/topology")
    @Operation(summary = "Returns the topology and the stream threads of this instance")
    TopologyView topology() {
        List<StreamThread> threads = stream.runningTopology().stream()
                .flatMap(streams -> streams.metadataForLocalThreads().stream())
                .sorted(Comparator.comparing(ThreadMetadata::threadName))
                .map(StreamThread::of)
                .toList();
        return new TopologyView(
                stream.description(),
                stream.state(),
                settings.instanceId(),
                peers.others().stream().map(Object::toString).toList(),
                threads);
    }

    /** Redirects a browser that opens the root URL to a useful page. */
    @GetMapping("/")
    RedirectView root() {
        return new RedirectView("/topology");
    }

    @PostMapping("/topology/stop")
    @Guarded
    @Operation(summary = "Stops processing on all instances until /topology/start")
    State stop(@RequestHeader(name = Peers.FORWARDED, defaultValue = "false") boolean forwarded) {
        if (!forwarded) {
            // The other instances are known only while the topology runs.
            List<URI> others = peers.others();
            stoppedTogether = others.isEmpty() ? stoppedTogether : others;
        }
        peers.runOnAll(stream::stop, forwarded ? List.of() : stoppedTogether, "/topology/stop", Map.of());
        return new State(stream.state());
    }

    @PostMapping("/topology/start")
    @Guarded
    @Operation(summary = "Resumes processing after /topology/stop, and responds when the topology runs")
    State start(@RequestHeader(name = Peers.FORWARDED, defaultValue = "false") boolean forwarded) {
        peers.runOnAll(this::startLocally, forwarded ? List.of() : stoppedTogether, "/topology/start", Map.of());
        stoppedTogether = List.of();
        return new State(stream.state());
    }

    private void startLocally() {
        stream.resume();
        stream.awaitRunning();
    }
}
