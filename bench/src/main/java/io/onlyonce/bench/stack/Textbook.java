package io.onlyonce.bench.stack;

import io.onlyonce.bench.BaselineJvm;
import io.onlyonce.bench.Polling;
import io.onlyonce.bench.ProcessTime;
import io.onlyonce.model.kafka.Sink;
import io.onlyonce.platform.Platform;
import io.onlyonce.platform.Ports;
import io.onlyonce.platform.PostgresServer;
import io.onlyonce.sink.Connectors;
import io.onlyonce.sink.Database;
import io.onlyonce.sink.SinkSetup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.http.MediaType;
import org.springframework.web.client.RestClient;

/**
 * An exactly-once pipeline that is assembled from tutorials, with default settings: {@link TextbookIngest}, {@link
 * TextbookStream}, and one task of the Debezium sink. It has no query API, no metrics and no traces, and writes only the table
 * orders, which favors this baseline.
 */
final class Textbook implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    /** Settings that our configuration of the Debezium sink adds to increase the rate. The baseline omits them. */
    private static final List<String> TUNING = List.of(
            "batch.size",
            "consumer.override.max.poll.records",
            "dialect.postgres.unnest.insert.enabled",
            "use.reduction.buffer");

    private final Platform platform;
    private final URI producer;
    private final BaselineJvm ingest;
    private final BaselineJvm stream;

    Textbook() throws IOException, InterruptedException {
        platform = Platform.builder().withPostgres().withConnect().start();
        PostgresServer postgres = platform.postgres();
        Database database = new Database(postgres.jdbcUrl(), postgres.user(), postgres.password());
        new SinkSetup(Sink.DEBEZIUM, database, platform.connectUrl(), line -> {}).migrate();
        int port = Ports.free(1).getFirst();
        producer = URI.create("http://127.0.0.1:" + port);
        ingest = jvm(TextbookIngest.class, "ingest", Integer.toString(port), platform.bootstrapServers());
        Path state = platform.directory().resolve("textbook-state");
        stream = jvm(TextbookStream.class, "stream", platform.bootstrapServers(), state.toString());
        startSink();
        Polling.await("the ingest accepts connections", START_TIMEOUT, () -> {
            new Socket(InetAddress.getLoopbackAddress(), port).close();
            return true;
        });
    }

    private BaselineJvm jvm(Class<?> main, String name, String... arguments) throws IOException {
        Path log = platform.directory().resolve("textbook-" + name).resolve("log");
        return BaselineJvm.start(BaselineJvm.SERVICE_OPTIONS, List.of(), log, main, arguments);
    }

    private void startSink() {
        String name = Sink.DEBEZIUM.ordersConnector();
        Map<String, String> config = Connectors.config(name);
        config.keySet().removeAll(TUNING);
        config.put("tasks.max", "1");
        RestClient.create()
                .put()
                .uri(platform.connectUrl().resolve("/connectors/" + name + "/config"))
                .contentType(MediaType.APPLICATION_JSON)
                .body(config)
                .retrieve()
                .toBodilessEntity();
    }

    URI producer() {
        return producer;
    }

    Connection connectToDatabase() throws SQLException {
        PostgresServer postgres = platform.postgres();
        return DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
    }

    /** Returns the processor time that each component, with its child processes, has used. */
    Map<String, Duration> processorTimes() {
        Map<String, Duration> times = new TreeMap<>();
        List.of(platform.kafka(), platform.connect(), platform.postgres())
                .forEach(server -> times.put(
                        server.name(),
                        ProcessTime.withChildren(ProcessHandle.of(server.pid()).orElseThrow())));
        times.put("ingest", ProcessTime.withChildren(ingest.handle()));
        times.put("stream", ProcessTime.withChildren(stream.handle()));
        return times;
    }

    void checkAlive() {
        ingest.checkAlive();
        stream.checkAlive();
    }

    @Override
    public void close() {
        ingest.close();
        stream.close();
        platform.close();
    }
}
