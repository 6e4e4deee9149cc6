package io.onlyonce.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ModesTest {
    @Test
    void every_mode_has_a_unique_wire_name() {
        for (DeliveryMode mode : DeliveryMode.values()) {
            assertThat(DeliveryMode.of(mode.wireName())).isEqualTo(mode);
        }
        for (ProcessingMode mode : ProcessingMode.values()) {
            assertThat(ProcessingMode.of(mode.wireName())).isEqualTo(mode);
        }
    }

    @Test
    void an_unknown_mode_is_rejected_with_a_list_of_the_modes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProcessingMode.of("at-most-once"))
                .withMessage("processing_mode must be one of exactly-once, at-least-once, but was \"at-most-once\"");
    }
}
