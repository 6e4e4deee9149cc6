package io.onlyonce.query.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.query.live.ComponentMonitor.Check;
import io.onlyonce.query.live.ComponentStatus.State;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ComponentMonitorTest {
    private static final Check OK = new Check(true, Optional.empty(), Optional.empty());

    private final Map<ComponentName, Check> checks = new EnumMap<>(ComponentName.class);
    private final ComponentMonitor monitor;

    ComponentMonitorTest() {
        Map<ComponentName, Supplier<Check>> suppliers = new EnumMap<>(ComponentName.class);
        for (ComponentName name : ComponentName.values()) {
            checks.put(name, OK);
            suppliers.put(name, () -> checks.get(name));
        }
        monitor = new ComponentMonitor(suppliers);
    }

    @Test
    void a_component_that_was_not_checked_yet_is_not_ok() {
        assertThat(status(ComponentName.KAFKA).state()).isEqualTo(State.FAILED);
        assertThat(status(ComponentName.KAFKA).reason()).isEqualTo("was not checked yet");
    }

    @Test
    void the_broker_has_failed_and_the_components_that_need_it_are_only_affected() {
        checkAll();
        checks.put(ComponentName.KAFKA, Check.notRunning());
        for (ComponentName name : new ComponentName[] {
            ComponentName.CONNECT, ComponentName.PRODUCER, ComponentName.CONSUMER, ComponentName.API
        }) {
            checks.put(name, problem("Kafka does not answer"));
        }
        checkAll();
        assertThat(status(ComponentName.KAFKA).state()).isEqualTo(State.FAILED);
        assertThat(status(ComponentName.KAFKA).running()).isFalse();
        assertThat(monitor.status(Instant.now()))
                .filteredOn(status -> status.state() == State.AFFECTED)
                .extracting(ComponentStatus::name)
                .containsExactly(
                        ComponentName.CONNECT, ComponentName.PRODUCER, ComponentName.CONSUMER, ComponentName.API);
        assertThat(status(ComponentName.POSTGRES).state()).isEqualTo(State.OK);
        assertThat(status(ComponentName.CONSUMER).reason()).isEqualTo("Kafka does not answer");
    }

    @Test
    void a_component_that_is_not_running_has_failed_even_if_another_one_has_failed_too() {
        checkAll();
        checks.put(ComponentName.KAFKA, Check.notRunning());
        checks.put(ComponentName.CONSUMER, Check.notRunning());
        checkAll();
        assertThat(status(ComponentName.CONSUMER).state()).isEqualTo(State.FAILED);
    }

    @Test
    void a_problem_without_a_failed_dependency_is_a_failure_of_the_component_itself() {
        checkAll();
        checks.put(ComponentName.CONNECT, problem("task 0 of the connector postgres-sink is FAILED"));
        checkAll();
        // The next checks of the dependencies find nothing.
        checkAll();
        assertThat(status(ComponentName.CONNECT).state()).isEqualTo(State.FAILED);
        assertThat(status(ComponentName.CONNECT).running()).isTrue();
    }

    @Test
    void the_state_is_not_decided_before_the_possible_cause_is_checked() {
        checkAll();
        assertThat(status(ComponentName.CONSUMER).state()).isEqualTo(State.OK);
        checks.put(ComponentName.KAFKA, Check.notRunning());
        checks.put(ComponentName.CONSUMER, problem("Kafka does not answer"));
        probe(ComponentName.CONSUMER);
        assertThat(status(ComponentName.CONSUMER).state()).isEqualTo(State.OK);
        probe(ComponentName.KAFKA);
        assertThat(status(ComponentName.CONSUMER).state()).isEqualTo(State.AFFECTED);
    }

    @Test
    void a_state_keeps_its_time_until_it_changes() {
        checkAll();
        Instant since = status(ComponentName.POSTGRES).since();
        checkAll();
        assertThat(monitor.status(Instant.now().plusSeconds(2)))
                .filteredOn(status -> status.name() == ComponentName.POSTGRES)
                .singleElement()
                .extracting(ComponentStatus::since)
                .isEqualTo(since);
        assertThat(monitor.status(Instant.now().plusSeconds(20)))
                .filteredOn(status -> status.name() == ComponentName.POSTGRES)
                .singleElement()
                .satisfies(status -> assertThat(status.state()).isEqualTo(State.FAILED))
                .satisfies(status -> assertThat(status.reason()).startsWith("was not checked for"));
    }

    private static Check problem(String reason) {
        return new Check(true, Optional.of(reason), Optional.empty());
    }

    private void checkAll() {
        for (ComponentName name : ComponentName.values()) {
            probe(name);
        }
        monitor.status(Instant.now());
    }

    private void probe(ComponentName name) {
        monitor.probes().stream()
                .filter(probe -> probe.name().equals(name.wireName()))
                .forEach(Probe::read);
    }

    private ComponentStatus status(ComponentName name) {
        return monitor.status(Instant.now()).stream()
                .filter(status -> status.name() == name)
                .findFirst()
                .orElseThrow();
    }
}
