package io.onlyonce.query.services;

import io.onlyonce.model.time.Deadline;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.services.ServiceClient.Service;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Controls the sink connectors through the REST interface of Kafka Connect. */
@Component
public final class ConnectClient {
    private static final Logger log = LoggerFactory.getLogger(ConnectClient.class);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration RESUME_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration BACKGROUND_LIMIT = Duration.ofHours(1);
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(50);

    /** The worker responds with these codes while it starts, rebalances, or stops tasks. */
    private static final Set<Integer> RETRYABLE = Set.of(404, 409, 500, 503);

    private final ServiceClient services;
    private final JsonMapper json;

    ConnectClient(ServiceClient services, JsonMapper json) {
        this.services = services;
        this.json = json;
    }

    public List<String> connectors(Deadline deadline) throws InterruptedException {
        return List.of(json.readValue(call("GET", "/connectors", deadline), String[].class));
    }

    /** Stops the connectors and waits until all of their tasks have ended. */
    public void stop(List<String> connectors, Deadline deadline) throws InterruptedException {
        callEach("PUT", connectors, "/stop", deadline);
        for (String connector : connectors) {
            if (!deadline.await(RETRY_INTERVAL, () -> isStopped(connector))) {
                throw new UnavailableException("the connector " + connector + " has not stopped");
            }
        }
    }

    public void callEach(String method, List<String> connectors, String operation, Deadline deadline)
            throws InterruptedException {
        for (String connector : connectors) {
            call(method, "/connectors/" + connector + operation, deadline);
        }
    }

    /**
     * Sets the offset at which the stopped connector continues after it is resumed.
     *
     * @param offset of the record that the connector then reads first
     */
    public void setOffset(String connector, TopicPartition partition, long offset, Deadline deadline)
            throws InterruptedException {
        var position = Map.of(
                "partition",
                Map.of("kafka_topic", partition.topic(), "kafka_partition", partition.partition()),
                "offset",
                Map.of("kafka_offset", offset));
        byte[] body = json.writeValueAsBytes(Map.of("offsets", List.of(position)));
        call("PATCH", "/connectors/" + connector + "/offsets", body, deadline);
    }

    /**
     * Starts the stopped connector. If Connect does not answer, continues in the background, because a connector that stays
     * stopped would store nothing.
     *
     * @throws UnavailableException if Connect does not answer immediately
     */
    public void resume(String connector) throws InterruptedException {
        try {
            resume(connector, Deadline.in(RESUME_TIMEOUT));
        } catch (UnavailableException e) {
            Thread.ofVirtual().name("resume " + connector).start(() -> resumeLater(connector));
            throw new UnavailableException(
                    "The connector %s is stopped, because %s. It is started as soon as Connect answers"
                            .formatted(connector, e.getReason()),
                    e);
        }
    }

    private void resumeLater(String connector) {
        Deadline deadline = Deadline.in(BACKGROUND_LIMIT);
        try {
            while (deadline.sleep(REQUEST_TIMEOUT)) {
                try {
                    resume(connector, Deadline.in(RESUME_TIMEOUT));
                    return;
                } catch (UnavailableException e) {
                    log.warn("Connector is stopped connector={} cause=\"{}\"", connector, e.getReason());
                }
            }
        } catch (InterruptedException e) {
            // The service is stopping.
        }
    }

    private void resume(String connector, Deadline deadline) throws InterruptedException {
        callEach("PUT", List.of(connector), "/resume", deadline);
    }

    /** Starts the connectors that are stopped, and restarts failed connectors and tasks. */
    public void restart(List<String> connectors, Deadline deadline) throws InterruptedException {
        for (String connector : connectors) {
            if (isStopped(connector)) {
                resume(connector, deadline);
            }
        }
        callEach("POST", connectors, "/restart?includeTasks=true&onlyFailed=true", deadline);
    }

    private boolean isStopped(String connector) throws InterruptedException {
        Deadline deadline = Deadline.in(REQUEST_TIMEOUT);
        JsonNode status = json.readTree(call("GET", "/connectors/" + connector + "/status", deadline));
        return status.at("/connector/state").asString("").equals("STOPPED")
                && status.at("/tasks").isEmpty();
    }

    private byte[] call(String method, String path, Deadline deadline) throws InterruptedException {
        return call(method, path, new byte[0], deadline);
    }

    private byte[] call(String method, String path, byte[] body, Deadline deadline) throws InterruptedException {
        while (true) {
            // A worker that starts or rebalances can take several seconds.
            var response = services.call(Service.CONNECT, method, path, body, null, deadline.remaining());
            if (response.getStatusCode().is2xxSuccessful()) {
                return response.getBody();
            }
            if (!RETRYABLE.contains(response.getStatusCode().value()) || !deadline.sleep(RETRY_INTERVAL)) {
                throw ServiceClient.unexpected(Service.CONNECT, method + " " + path, response);
            }
        }
    }
}
