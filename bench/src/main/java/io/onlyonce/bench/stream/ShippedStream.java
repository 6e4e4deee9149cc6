package io.onlyonce.bench.stream;

import io.onlyonce.bench.Polling;
import io.onlyonce.bench.ProcessMemory;
import io.onlyonce.bench.stream.OrderPreload.DedupStore;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.platform.Platform;
import io.onlyonce.platform.Ports;
import io.onlyonce.platform.RunContext;
import io.onlyonce.platform.ServiceProcess;
import io.onlyonce.platform.TerminationStyle;
import io.onlyonce.platform.process.Directories;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.streams.KeyValue;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The program order-stream with its default settings. */
final class ShippedStream implements AutoCloseable {
    static final String GROUP = "order-stream";
    /** Has the format of order-stream's SeenOrder: timestamp, offset, seconds between timestamp and seenAt, and digest. */
    static final DedupStore STORE = new DedupStore(
            "order-stream-seen-orders-changelog",
            (id, seenAt) -> KeyValue.pair(
                    id,
                    ByteBuffer.allocate(28)
                            .putLong(seenAt)
                            .putLong(0)
                            .putInt(0)
                            .putLong(0)
                            .array()));

    /** Writes to the dedup store before the Kafka transaction commits, so that Kafka Streams restores it after kill -9. */
    static final Map<String, String> PLAIN_STORE = Map.of("TRANSACTIONAL_STORE", "false");

    /** Micrometer looks for new metrics of Kafka Streams once a minute. */
    private static final Duration METRICS_TIMEOUT = Duration.ofSeconds(90);

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final ServiceProcess process;
    private final Path directory;
    private final Path stateDirectory;

    /** @param settings additional environment variables */
    ShippedStream(Platform platform, String instanceId, Map<String, String> settings) {
        directory = platform.directory().resolve("stream-" + instanceId);
        stateDirectory = directory.resolve("state");
        int port = Ports.free(1).getFirst();
        Map<String, String> environment = new HashMap<>(settings);
        environment.put("KAFKA_BOOTSTRAP_SERVERS", platform.bootstrapServers());
        // This client sends no token.
        environment.put("ADMIN_TOKEN", "");
        environment.put("INSTANCE_ID", instanceId);
        environment.put("STATE_DIR", stateDirectory.toString());
        environment.put("ADVERTISED_URL", "http://127.0.0.1:" + port);
        RunContext context = platform.context();
        process = new ServiceProcess(
                new RunContext(context.home(), directory, context.lifetime()),
                ServiceProcess.Program.CONSUMER,
                port,
                environment);
    }

    /**
     * Deduplicates in both modes, so that the modes differ only in their transactions.
     *
     * @param settings additional environment variables
     */
    static ShippedStream inMode(Platform platform, ProcessingMode mode, Map<String, String> settings)
            throws IOException {
        ShippedStream stream = new ShippedStream(platform, "consumer-1", settings);
        // The file in which order-stream persists the settings of POST /config.
        Path persisted = Files.createDirectories(stream.stateDirectory).resolve("stream.properties");
        Files.writeString(persisted, "processing_mode=%s\nenable_idempotency=true\n".formatted(mode.wireName()));
        return stream;
    }

    void start() {
        process.start();
    }

    /** @throws IllegalStateException if the process has ended */
    void checkAlive() {
        process.pid();
    }

    double residentMebibytes() {
        return ProcessMemory.residentMebibytes(List.of(process.pid()));
    }

    /** Returns the size of the store on disk in bytes. */
    long storeBytes() throws IOException {
        try (var files = Files.walk(stateDirectory.resolve("streams"))) {
            return files.filter(file -> file.toString().contains("rocksdb") && Files.isRegularFile(file))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    /** Returns the RAM of the store's filters and indexes in bytes, as reported by RocksDB. */
    long filterBytes() throws IOException, InterruptedException {
        String metric = "kafka_stream_state_estimate_table_readers_mem";
        Polling.await(
                "order-stream has the metric " + metric,
                METRICS_TIMEOUT,
                () -> sum(metric).isPresent());
        return sum(metric).orElseThrow();
    }

    private OptionalLong sum(String metric) throws IOException, InterruptedException {
        return get("/actuator/prometheus")
                .lines()
                .filter(line -> line.startsWith(metric + "{"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .reduce(Long::sum);
    }

    boolean hasActiveAndStandbyTasks() throws IOException, InterruptedException {
        JsonNode threads = new JsonMapper().readTree(get("/topology")).path("threads");
        return threads.valueStream().anyMatch(thread -> !thread.path("active").isEmpty())
                && threads.valueStream()
                        .anyMatch(thread -> !thread.path("standby").isEmpty());
    }

    private String get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(process.url().resolve(path))
                .timeout(Duration.ofSeconds(10))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    void kill() {
        process.stop(TerminationStyle.ABRUPT);
    }

    /** Kills the process and deletes its local state. */
    @Override
    public void close() throws IOException {
        kill();
        Directories.delete(directory);
    }
}
