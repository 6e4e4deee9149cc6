package io.onlyonce.stream.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onlyonce.model.ProcessingMode;
import io.onlyonce.stream.faults.Faults;
import io.onlyonce.stream.topology.Mode;
import io.onlyonce.web.Guarded;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.web.bind.annotation.PostMapping;

class ConfigChangeTest {
    @ParameterizedTest
    @CsvSource({
        // fields of the request, current mode, expected mode
        "            ,      , EXACTLY_ONCE , true , EXACTLY_ONCE , true",
        "            ,      , AT_LEAST_ONCE, true , AT_LEAST_ONCE, true",
        "            , false, EXACTLY_ONCE , true , AT_LEAST_ONCE, false",
        "            , true , AT_LEAST_ONCE, false, EXACTLY_ONCE , true",
        "            , true , AT_LEAST_ONCE, true , EXACTLY_ONCE , true",
        "at-least-once,     , EXACTLY_ONCE , true , AT_LEAST_ONCE, true",
        "exactly-once ,     , AT_LEAST_ONCE, false, EXACTLY_ONCE , false",
        "exactly-once , true , AT_LEAST_ONCE, false, EXACTLY_ONCE , true",
        "exactly-once , false, AT_LEAST_ONCE, true , EXACTLY_ONCE , false",
        "at-least-once, true , EXACTLY_ONCE , false, AT_LEAST_ONCE, true",
        "at-least-once, false, EXACTLY_ONCE , true , AT_LEAST_ONCE, false",
    })
    void each_field_changes_its_setting_but_enable_idempotency_alone_selects_a_pipeline(
            String processingMode,
            Boolean enableIdempotency,
            ProcessingMode wasProcessing,
            boolean wasDeduplicating,
            ProcessingMode processing,
            boolean deduplicating) {
        assertThat(new ConfigController.Change(processingMode, enableIdempotency, null, null)
                        .appliedTo(new Mode(wasProcessing, wasDeduplicating)))
                .isEqualTo(new Mode(processing, deduplicating));
    }

    @Test
    void faults_that_are_not_sent_stay_the_same() {
        Faults.Plan current = new Faults.Plan(5, 0.5);
        assertThat(new ConfigController.Change(null, true, null, null).appliedTo(current))
                .isEqualTo(current);
        assertThat(new ConfigController.Change(null, null, 0L, null).appliedTo(current))
                .isEqualTo(new Faults.Plan(0, 0.5));
        assertThat(new ConfigController.Change(null, null, null, 0.0).appliedTo(current))
                .isEqualTo(new Faults.Plan(5, 0));
    }

    @Test
    void only_the_mode_fields_are_forwarded_to_other_instances() {
        assertThat(new ConfigController.Change(null, null, 5L, 0.5).modeFields())
                .isEmpty();
        assertThat(new ConfigController.Change("at-least-once", null, 5L, null).modeFields())
                .isEqualTo(Map.of("processing_mode", "at-least-once"));
        assertThat(new ConfigController.Change(null, false, null, 0.5).modeFields())
                .isEqualTo(Map.of("enable_idempotency", false));
    }

    @Test
    void an_unknown_mode_is_rejected_with_the_list_of_valid_modes() {
        assertThatThrownBy(() ->
                        new ConfigController.Change("at-most-once", null, null, null).appliedTo(Mode.EXACTLY_ONCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("at-most-once", "exactly-once", "at-least-once");
    }

    @Test
    void every_endpoint_that_changes_something_requires_the_admin_token() {
        assertThat(Stream.of(ConfigController.class, StatsController.class, TopologyController.class)
                        .flatMap(controller -> Arrays.stream(controller.getDeclaredMethods()))
                        .filter(method -> method.isAnnotationPresent(PostMapping.class))
                        .toList())
                .hasSize(5)
                .allMatch(method -> method.isAnnotationPresent(Guarded.class));
    }
}
