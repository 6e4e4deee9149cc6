package io.onlyonce.sink.connect;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.connect.health.ConnectClusterState;
import org.apache.kafka.connect.health.ConnectorHealth;
import org.apache.kafka.connect.rest.ConnectRestExtension;
import org.apache.kafka.connect.rest.ConnectRestExtensionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restarts what has failed, from inside the worker.
 *
 * <p>The connector itself outlasts a lost connection while it writes. It gives up where the database is away when a task
 * starts, or answers with anything but a lost connection (a server that is starting up, a deadlock, a full disk), and
 * Connect leaves a failed task alone. A restart costs nothing but time: the records are read and written again, to no
 * effect where they had been written.
 */
public final class FailedTaskRestarter implements ConnectRestExtension {
    private static final Logger LOG = LoggerFactory.getLogger(FailedTaskRestarter.class);

    /** Soon enough for a person who watches, seldom enough for the log of an outage that lasts. */
    private static final Duration INTERVAL = Duration.ofSeconds(3);

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("failed-task-restarter").factory());
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private URI worker;
    private ConnectClusterState cluster;

    @Override
    public void configure(Map<String, ?> configs) {
        worker = URI.create("http://%s:%s/"
                .formatted(configs.get("rest.advertised.host.name"), configs.get("rest.advertised.port")));
    }

    @Override
    public void register(ConnectRestExtensionContext context) {
        cluster = context.clusterState();
        timer.scheduleWithFixedDelay(this::restartFailed, INTERVAL.toSeconds(), INTERVAL.toSeconds(), SECONDS);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        http.shutdownNow();
    }

    @Override
    public String version() {
        return "1";
    }

    private void restartFailed() {
        try {
            for (String connector : cluster.connectors()) {
                if (hasFailed(cluster.connectorHealth(connector))) {
                    restart(connector);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            // The worker is starting, rebalancing or stopping. An exception that got out would end the timer.
            LOG.debug("Looked for failed tasks in vain, shall look again", e);
        }
    }

    private static boolean hasFailed(ConnectorHealth health) {
        return "FAILED".equals(health.connectorState().state())
                || health.tasksState().values().stream().anyMatch(task -> "FAILED".equals(task.state()));
    }

    private void restart(String connector) throws IOException, InterruptedException {
        LOG.warn("Restarting what has failed of {}", connector);
        URI restart = worker.resolve("connectors/" + connector + "/restart?includeTasks=true&onlyFailed=true");
        http.send(
                HttpRequest.newBuilder(restart)
                        .timeout(Duration.ofSeconds(10))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                BodyHandlers.discarding());
    }
}
