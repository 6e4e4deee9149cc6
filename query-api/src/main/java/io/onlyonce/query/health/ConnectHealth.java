package io.onlyonce.query.health;

import io.micrometer.core.instrument.MeterRegistry;
import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.SourceAge;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.services.ServiceClient;
import io.onlyonce.query.services.ServiceClient.Service;
import io.onlyonce.web.HealthCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Checks every second whether the Connect worker answers, and whether all connectors and their tasks are RUNNING. */
@Component
public final class ConnectHealth implements HealthCheck {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    /** Several times the interval and the timeout of a check. */
    private static final Duration MAX_AGE = Duration.ofSeconds(10);

    private static final String RUNNING = "RUNNING";
    private static final JsonMapper JSON = new JsonMapper();

    private final ServiceClient services;
    private final SourceAge age;
    private final List<String> required;

    private volatile Check last = new Check(Optional.of("Connect was not checked yet"), System.nanoTime());

    ConnectHealth(ServiceClient services, QueryProperties properties, MeterRegistry registry) {
        this.services = services;
        this.required = properties.selectedSink().connectors();
        this.age = SourceAge.register("connect", registry);
    }

    private record Check(Optional<String> problem, long completedAt) {}

    private record Connector(Status status) {}

    private record Status(State connector, List<State> tasks) {}

    /** @param id of a task; absent for a connector */
    private record State(Integer id, String state) {}

    @Override
    public Optional<String> problem() {
        Check check = last;
        Duration old = Duration.ofNanos(System.nanoTime() - check.completedAt());
        return old.compareTo(MAX_AGE) > 0
                ? Optional.of("Connect was not checked for %d s".formatted(old.toSeconds()))
                : check.problem();
    }

    @Scheduled(fixedDelayString = "${onlyonce.query.health-interval}")
    void check() {
        last = new Check(findProblem(), System.nanoTime());
    }

    private Optional<String> findProblem() {
        try {
            var response =
                    services.call(Service.CONNECT, "GET", "/connectors?expand=status", new byte[0], null, TIMEOUT);
            if (!response.getStatusCode().is2xxSuccessful()) {
                return Optional.of(
                        "Connect responds with " + response.getStatusCode().value());
            }
            Map<String, Connector> connectors = JSON.readValue(response.getBody(), new TypeReference<>() {});
            age.update();
            List<String> problems = problems(connectors);
            return problems.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", problems));
        } catch (UnavailableException e) {
            return Optional.of(e.getReason());
        } catch (JacksonException e) {
            return Optional.of("Connect sends an invalid response: " + e.getOriginalMessage());
        }
    }

    private List<String> problems(Map<String, Connector> found) {
        Map<String, Connector> connectors = new HashMap<>(found);
        required.forEach(name -> connectors.putIfAbsent(name, null));
        List<String> problems = new ArrayList<>();
        connectors.forEach((name, connector) -> {
            if (connector == null || connector.status() == null) {
                problems.add("the connector " + name + " does not exist");
                return;
            }
            Status status = connector.status();
            if (!status.connector().state().equals(RUNNING)) {
                problems.add("the connector %s is %s"
                        .formatted(name, status.connector().state()));
            } else if (status.tasks().isEmpty()) {
                problems.add("the connector " + name + " has no tasks");
            }
            for (State task : status.tasks()) {
                if (!task.state().equals(RUNNING)) {
                    problems.add("task %d of the connector %s is %s".formatted(task.id(), name, task.state()));
                }
            }
        });
        problems.sort(null);
        return problems;
    }
}
