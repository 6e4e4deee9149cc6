package io.onlyonce.stream;

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
     * @param committed offset up to which the task's work is committed, by partition of {@code orders}
     * @param end offset up to which the partition was known to reach
     */
    record Task(String id, Map<String, Long> committed, Map<String, Long> end) {
        static Task of(TaskMetadata task) {
            return new Task(task.taskId().toString(), named(task.committedOffsets()), named(task.endOffsets()));
        }

        private static Map<String, Long> named(Map<TopicPartition, Long> offsets) {
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
    @Operation(summary = "What is done to an order, and which threads of this instance do it now")
    TopologyView topology() {
        TopologySettings topology = new TopologySettings(stream.mode(), settings.retention(), settings.instanceId());
        List<StreamThread> threads = stream.runningTopology().stream()
                .flatMap(streams -> streams.metadataForLocalThreads().stream())
                .sorted(Comparator.comparing(ThreadMetadata::threadName))
                .map(StreamThread::of)
                .toList();
        return new TopologyView(
                OrderTopology.build(topology, null, null).describe().toString(),
                stream.state(),
                settings.instanceId(),
                peers.others().stream().map(Object::toString).toList(),
                threads);
    }

    @PostMapping("/topology/stop")
    @Guarded
    @Operation(summary = "Ends processing, here and in every other instance, until /topology/start")
    State stop(@RequestHeader(name = Peers.RELAYED, defaultValue = "false") boolean relayed) {
        if (!relayed) {
            // Whom to tell, now and at the start again, is known only while the topology runs.
            List<URI> others = peers.others();
            stoppedTogether = others.isEmpty() ? stoppedTogether : others;
        }
        peers.together(stream::stop, relayed ? List.of() : stoppedTogether, "/topology/stop", Map.of());
        return new State(stream.state());
    }

    @PostMapping("/topology/start")
    @Guarded
    @Operation(summary = "Undoes /topology/stop; answers when processing goes on")
    State start(@RequestHeader(name = Peers.RELAYED, defaultValue = "false") boolean relayed) {
        peers.together(stream::resume, relayed ? List.of() : stoppedTogether, "/topology/start", Map.of());
        stoppedTogether = List.of();
        return new State(stream.state());
    }
}
