package io.onlyonce.query.live;

import io.onlyonce.model.kafka.Sink;
import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.LagCalculator;
import io.onlyonce.query.live.Probe.Reading;
import io.onlyonce.query.live.Sample.Latency;
import io.onlyonce.query.live.Sample.Settings;
import io.onlyonce.query.live.Sample.Source;
import io.onlyonce.query.services.ServiceClient;
import io.onlyonce.query.services.ServiceClient.Service;
import io.onlyonce.query.tables.Totals;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Takes one sample per second. The number of requests to the other components does not depend on the number of open pages.
 * Each source has its own thread: if a source does not answer, only the figures of this source become old.
 */
@Component
final class Sampler implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(Sampler.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final JsonMapper JSON = new JsonMapper();

    /** The maximum number of orders for the latency percentiles. Each order requires one index lookup. */
    private static final int LATENCY_SAMPLES = 200;

    private final ComponentMonitor components;
    private final Probe<Totals.Stats> tables;
    private final Probe<Flow> flow;
    private final Probe<JsonNode> producer;
    private final Probe<JsonNode> consumer;
    private final Probe<Optional<Latency>> latency;
    private final History history;
    private final Rates rates = new Rates();
    private volatile ExecutorService threads;

    Sampler(
            ComponentMonitor components,
            Totals totals,
            LagCalculator lag,
            ServiceClient services,
            JdbcClient jdbc,
            QueryProperties properties,
            History history) {
        Sink sink = properties.selectedSink();
        this.components = components;
        this.tables = new Probe<>("tables", totals::read);
        this.flow = new Probe<>("kafka", () -> Flow.of(lag.calculate(), sink));
        this.producer = new Probe<>("producer", () -> config(services, Service.PRODUCER));
        this.consumer = new Probe<>("consumer", () -> config(services, Service.CONSUMER));
        this.latency = new Probe<>("latency", () -> latency(jdbc));
        this.history = history;
    }

    private static JsonNode config(ServiceClient services, Service service) {
        ResponseEntity<byte[]> response = services.call(service, "GET", "/config", new byte[0], null, TIMEOUT);
        if (!response.getStatusCode().is2xxSuccessful()) {
            throw ServiceClient.unexpected(service, "GET /config", response);
        }
        try {
            return JSON.readTree(response.getBody());
        } catch (JacksonException e) {
            throw new UnavailableException(service + " sends an invalid response", e);
        }
    }

    private static Optional<Latency> latency(JdbcClient jdbc) {
        return jdbc.sql("""
                        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS p50_ms,
                               percentile_cont(0.99) WITHIN GROUP (ORDER BY ms) AS p99_ms, count(*) AS orders
                          FROM (SELECT order_id, created_at FROM orders ORDER BY processed_at DESC LIMIT ?) newest,
                               LATERAL (SELECT extract(epoch FROM sunk_at - newest.created_at)::float8 * 1000 AS ms, sunk_at
                                          FROM processed_messages p WHERE p.order_id = newest.order_id LIMIT 1) stored
                         WHERE sunk_at > now() - interval '10 seconds'
                        HAVING count(*) > 0""").param(LATENCY_SAMPLES).query(Latency.class).optional();
    }

    private Stream<Probe<?>> figures() {
        return Stream.of(tables, flow, producer, consumer, latency);
    }

    @Override
    public void start() {
        history.open();
        threads = Executors.newVirtualThreadPerTaskExecutor();
        components.probes().forEach(probe -> threads.execute(probe::run));
        figures().forEach(probe -> threads.execute(probe::run));
        threads.execute(this::run);
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                history.add(sample(history.nextId()));
                Thread.sleep(Probe.INTERVAL_MILLIS);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                log.error("The sample failed", e);
            }
        }
    }

    private Sample sample(long id) {
        Instant now = Instant.now();
        Latency delay = latency.last().flatMap(Reading::value).orElse(null);
        return new Sample(
                id,
                now,
                components.status(now),
                figures().map(Sampler::source).toList(),
                tables.last().map(Reading::value).orElse(null),
                flow.last().map(Reading::value).orElse(null),
                settings(),
                delay,
                rates.next(now, tables.last(), flow.last(), delay));
    }

    private static Source source(Probe<?> probe) {
        return new Source(
                probe.name(),
                probe.last().map(Reading::at).orElse(null),
                probe.problem().orElse(null));
    }

    private Settings settings() {
        Optional<JsonNode> ingest = producer.last().map(Reading::value);
        Optional<JsonNode> stream = consumer.last().map(Reading::value);
        return new Settings(
                ingest.map(config -> config.path("delivery_mode").asString(null))
                        .orElse(null),
                stream.map(config -> config.path("processing_mode").asString(null))
                        .orElse(null),
                stream.map(config -> config.path("enable_idempotency").asBoolean())
                        .orElse(null),
                stream.map(config -> config.path("crash_after_messages").asLong())
                        .orElse(null),
                stream.map(config -> config.path("failure_rate").asDouble()).orElse(null));
    }

    @Override
    public void stop() {
        threads.shutdownNow();
        history.close();
    }

    @Override
    public boolean isRunning() {
        return threads != null && !threads.isShutdown();
    }

    /** Stops before the web server, because the graceful shutdown of the server waits until all event streams have ended. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
