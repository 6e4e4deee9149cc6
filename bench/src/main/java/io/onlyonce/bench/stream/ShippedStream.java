package io.onlyonce.bench.stream;

import io.onlyonce.platform.Directories;
import io.onlyonce.platform.Platform;
import io.onlyonce.platform.Ports;
import io.onlyonce.platform.RunContext;
import io.onlyonce.platform.ServiceProcess;
import io.onlyonce.platform.TerminationStyle;
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
import org.apache.kafka.streams.KeyValue;

/** The program order-stream as it ships, with its defaults. */
final class ShippedStream implements AutoCloseable {
    static final String GROUP = "order-stream";
    static final String CHANGELOG = "order-stream-seen-orders-changelog";

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String FILTERS_METRIC = "kafka_stream_state_estimate_table_readers_mem";

    private final ServiceProcess process;
    private final Path directory;

    /** @param settings environment variables beside those that say where it is */
    ShippedStream(Platform platform, String instanceId, Map<String, String> settings) throws IOException {
        directory = platform.directory().resolve("stream-" + instanceId);
        int port = Ports.free(1).getFirst();
        Map<String, String> environment = new HashMap<>(Map.of(
                "KAFKA_BOOTSTRAP_SERVERS",
                platform.bootstrapServers(),
                "INSTANCE_ID",
                instanceId,
                "STATE_DIR",
                state().toString(),
                "ADVERTISED_URL",
                "http://127.0.0.1:" + port));
        environment.putAll(settings);
        RunContext site = platform.context();
        process = new ServiceProcess(
                new RunContext(site.home(), directory, site.lifetime()),
                ServiceProcess.Program.CONSUMER,
                port,
                environment);
    }

    /** Deduplicating in either mode: the difference is the transactions' alone. */
    static ShippedStream inMode(Platform platform, String mode) throws IOException {
        ShippedStream stream = new ShippedStream(platform, "consumer-1", Map.of());
        Files.createDirectories(stream.state());
        // What POST /config leaves behind for the next start.
        Files.writeString(
                stream.state().resolve("stream.properties"),
                "processing_mode=%s\nenable_idempotency=true\n".formatted(mode));
        return stream;
    }

    /** The memory's own form: order-stream's SeenOrder. */
    static KeyValue<byte[], byte[]> storedId(byte[] id, long seenAt) {
        return KeyValue.pair(
                id, ByteBuffer.allocate(20).putLong(seenAt).putLong(0).putInt(0).array());
    }

    private Path state() {
        return directory.resolve("state");
    }

    void start() {
        process.start();
    }

    List<Long> pids() {
        return List.of(process.pid());
    }

    /** Bytes that the store takes on this instance's disk. */
    long storeBytes() throws IOException {
        try (var files = Files.walk(state().resolve("streams"))) {
            return files.filter(file -> file.toString().contains("rocksdb") && Files.isRegularFile(file))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    /** Bytes of this instance's RAM that filters and indexes of the store take, as RocksDB tells. */
    long filterBytes() throws IOException, InterruptedException {
        return get("/actuator/prometheus")
                .lines()
                .filter(line -> line.startsWith(FILTERS_METRIC + "{"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .reduce(Long::sum)
                .orElseThrow(() -> new IllegalStateException("the stream does not tell " + FILTERS_METRIC));
    }

    /** @return the body, whatever the status */
    String get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(process.url().resolve(path))
                .timeout(PATIENCE)
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    void kill() {
        process.stop(TerminationStyle.ABRUPT);
    }

    /** With all that it remembered on this machine. */
    @Override
    public void close() throws IOException {
        kill();
        Directories.delete(directory);
    }
}
