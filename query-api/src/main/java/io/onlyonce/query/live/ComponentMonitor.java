package io.onlyonce.query.live;

import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.health.ConnectHealth;
import io.onlyonce.query.live.ComponentStatus.State;
import io.onlyonce.query.live.Probe.Reading;
import io.onlyonce.query.services.ServiceClient;
import io.onlyonce.query.services.ServiceClient.Service;
import io.onlyonce.query.tables.Totals;
import io.onlyonce.web.BrokerProbe;
import io.onlyonce.web.HealthCheck;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Checks the components, and distinguishes the component that causes a failure from the components that it affects. Only one
 * thread may call {@link #status}.
 */
@Component
final class ComponentMonitor {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    /** A component without a newer check counts as failed. Longer than the interval and the timeout of a check together. */
    private static final Duration MAX_AGE = Duration.ofSeconds(8);

    private static final JsonMapper JSON = new JsonMapper();

    private final Map<ComponentName, Probe<Check>> probes = new EnumMap<>(ComponentName.class);
    /** The time of the first failed check of each component that cannot do its job. */
    private final Map<ComponentName, Instant> failing = new EnumMap<>(ComponentName.class);

    private final Map<ComponentName, ComponentStatus> last = new EnumMap<>(ComponentName.class);

    /**
     * @param listening whether a process listens at the address
     * @param problem the reason why the component cannot do its job; empty if it can
     * @param note a remark on a component that can do its job; empty if there is none
     */
    record Check(boolean listening, Optional<String> problem, Optional<String> note) {
        static Check notRunning() {
            return new Check(false, Optional.of("is not running"), Optional.empty());
        }
    }

    /** @param ownChecks all health checks of this service */
    @Autowired
    ComponentMonitor(
            ServiceClient services,
            QueryProperties properties,
            JdbcConnectionDetails database,
            BrokerProbe kafka,
            Totals postgres,
            ConnectHealth connect,
            List<HealthCheck> ownChecks) {
        URI broker = URI.create("tcp://" + properties.kafkaBootstrapServers().split(",")[0]);
        URI server = URI.create(database.getJdbcUrl().substring("jdbc:".length()));
        add(ComponentName.KAFKA, () -> server(broker, kafka));
        add(ComponentName.POSTGRES, () -> server(server, postgres));
        add(ComponentName.CONNECT, () -> server(properties.connectUrl(), connect));
        add(ComponentName.PRODUCER, () -> service(services, Service.PRODUCER));
        add(ComponentName.CONSUMER, () -> service(services, Service.CONSUMER));
        add(ComponentName.API, () -> check(ownChecks));
    }

    /** For tests. */
    ComponentMonitor(Map<ComponentName, Supplier<Check>> checks) {
        checks.forEach(this::add);
    }

    private void add(ComponentName name, Supplier<Check> check) {
        probes.put(name, new Probe<>(name.wireName(), check));
    }

    Collection<Probe<Check>> probes() {
        return probes.values();
    }

    /** Returns the state of each component according to its last check. */
    List<ComponentStatus> status(Instant now) {
        for (ComponentName name : ComponentName.values()) {
            last.merge(
                    name,
                    status(name, now),
                    (before, after) -> before.state() == after.state()
                            ? new ComponentStatus(
                                    name,
                                    after.state(),
                                    after.running(),
                                    after.reason(),
                                    before.since(),
                                    after.checkedAt())
                            : after);
        }
        return new ArrayList<>(last.values());
    }

    private ComponentStatus status(ComponentName name, Instant now) {
        Optional<Reading<Check>> reading = probes.get(name).last();
        if (reading.isEmpty()) {
            return new ComponentStatus(name, State.FAILED, false, "was not checked yet", now, now);
        }
        Instant checkedAt = reading.get().at();
        Check check = reading.get().value();
        Duration age = Duration.between(checkedAt, now);
        if (age.compareTo(MAX_AGE) > 0) {
            String reason = "was not checked for %d s".formatted(age.toSeconds());
            return new ComponentStatus(name, State.FAILED, check.listening(), reason, now, checkedAt);
        }
        if (check.problem().isEmpty()) {
            failing.remove(name);
            String note = check.note().orElse(null);
            return new ComponentStatus(name, State.OK, check.listening(), note, now, checkedAt);
        }
        failing.putIfAbsent(name, checkedAt);
        State state = check.listening() ? stateOfRunning(name) : State.FAILED;
        return new ComponentStatus(
                name, state, check.listening(), check.problem().get(), now, checkedAt);
    }

    /** Returns AFFECTED if the component cannot do its job because of a component that it needs, and FAILED otherwise. */
    private State stateOfRunning(ComponentName name) {
        if (name.needed().stream().anyMatch(needed -> last.get(needed).state() != State.OK)) {
            return State.AFFECTED;
        }
        // A needed component can have failed after its last check. Until its next check, the state does not change.
        boolean neededAreOk = name.needed().stream()
                .allMatch(needed -> last.get(needed).checkedAt().isAfter(failing.get(name)));
        return neededAreOk || !last.containsKey(name)
                ? State.FAILED
                : last.get(name).state();
    }

    private static Check server(URI address, HealthCheck check) {
        return ServiceClient.acceptsConnections(address)
                ? new Check(true, check.problem(), check.note())
                : Check.notRunning();
    }

    private static Check service(ServiceClient services, Service service) {
        try {
            ResponseEntity<byte[]> response = services.call(service, "GET", "/health", new byte[0], null, TIMEOUT);
            JsonNode body = JSON.readTree(response.getBody());
            return response.getStatusCode().is2xxSuccessful()
                    ? new Check(true, Optional.empty(), text(body, "note"))
                    : new Check(true, text(body, "detail").or(() -> Optional.of("is not healthy")), Optional.empty());
        } catch (ServiceClient.NotRunningException e) {
            return Check.notRunning();
        } catch (UnavailableException e) {
            return new Check(true, Optional.of(e.getReason()), Optional.empty());
        } catch (JacksonException e) {
            return new Check(true, Optional.of("sends an invalid response"), Optional.empty());
        }
    }

    private static Optional<String> text(JsonNode body, String field) {
        return Optional.ofNullable(body.path(field).asString(null));
    }

    private static Check check(List<HealthCheck> all) {
        return new Check(true, texts(all, HealthCheck::problem), texts(all, HealthCheck::note));
    }

    private static Optional<String> texts(List<HealthCheck> checks, Function<HealthCheck, Optional<String>> text) {
        String texts =
                checks.stream().flatMap(check -> text.apply(check).stream()).collect(Collectors.joining("; "));
        return texts.isEmpty() ? Optional.empty() : Optional.of(texts);
    }
}
