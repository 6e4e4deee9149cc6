package io.onlyonce.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ModesTest {
    @Test
    void every_mode_is_found_by_its_name_on_the_wire() {
        for (DeliveryMode mode : DeliveryMode.values()) {
            assertThat(DeliveryMode.of(mode.wireName())).isEqualTo(mode);
        }
        for (ProcessingMode mode : ProcessingMode.values()) {
            assertThat(ProcessingMode.of(mode.wireName())).isEqualTo(mode);
        }
    }

    @Test
    void an_unknown_mode_is_answered_with_those_that_exist() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProcessingMode.of("at-most-once"))
                .withMessage("processing_mode is \"at-most-once\", which is none of exactly-once, at-least-once");
    }
}
