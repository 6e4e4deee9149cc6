package io.onlyonce.sink.connect;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.health.ConnectClusterState;
import org.apache.kafka.connect.health.ConnectorHealth;
import org.apache.kafka.connect.rest.ConnectRestExtension;
import org.apache.kafka.connect.rest.ConnectRestExtensionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restarts failed connectors and tasks, as an extension of the worker.
 *
 * <p>The JDBC connector retries if it loses the connection during a write. For all other errors (the database is down when
 * the task starts, a server that is starting up, a deadlock, a full disk) the task fails, and Connect does not restart
 * it. A restart is safe: the task reads and writes the records again, and rows that exist do not change.
 */
public final class FailedTaskRestarter implements ConnectRestExtension {
    private static final Logger log = LoggerFactory.getLogger(FailedTaskRestarter.class);

    /** Short enough for a demo, long enough to keep the log of a long outage readable. */
    private static final int INTERVAL_SECONDS = 3;

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
        timer.scheduleWithFixedDelay(this::restartFailed, INTERVAL_SECONDS, INTERVAL_SECONDS, TimeUnit.SECONDS);
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
            // The worker is starting, rebalancing or stopping. An uncaught exception would cancel the timer.
            log.debug("Cannot check for failed tasks, retrying", e);
        }
    }

    private static boolean hasFailed(ConnectorHealth health) {
        return "FAILED".equals(health.connectorState().state())
                || health.tasksState().values().stream().anyMatch(task -> "FAILED".equals(task.state()));
    }

    private void restart(String connector) throws IOException, InterruptedException {
        log.warn("Restarting failed tasks connector={}", connector);
        URI restart = worker.resolve("connectors/" + connector + "/restart?includeTasks=true&onlyFailed=true");
        HttpRequest.Builder request = HttpRequest.newBuilder(restart).timeout(Duration.ofSeconds(10));
        http.send(request.POST(HttpRequest.BodyPublishers.noBody()).build(), BodyHandlers.discarding());
    }
}
