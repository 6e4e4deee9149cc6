package io.onlyonce.stream.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onlyonce.model.ProcessingMode;
import io.onlyonce.stream.topology.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PersistedStateTest {
    @TempDir
    Path directory;

    @Test
    void the_first_start_uses_the_configured_mode_and_later_starts_use_the_last_mode() {
        assertThat(new PersistedState(directory, Mode.AT_LEAST_ONCE).mode()).isEqualTo(Mode.AT_LEAST_ONCE);
        Mode mode = new Mode(ProcessingMode.EXACTLY_ONCE, false);
        new PersistedState(directory, Mode.AT_LEAST_ONCE).setMode(mode);
        assertThat(new PersistedState(directory, Mode.AT_LEAST_ONCE).mode()).isEqualTo(mode);
    }

    @Test
    void crashes_are_counted_across_processes_and_do_not_change_the_mode() {
        new PersistedState(directory, Mode.EXACTLY_ONCE).setMode(Mode.AT_LEAST_ONCE);
        new PersistedState(directory, Mode.EXACTLY_ONCE).countCrash();
        new PersistedState(directory, Mode.EXACTLY_ONCE).countCrash();
        PersistedState state = new PersistedState(directory, Mode.EXACTLY_ONCE);
        assertThat(state.crashesSimulated()).isEqualTo(2);
        assertThat(state.mode()).isEqualTo(Mode.AT_LEAST_ONCE);
    }

    @Test
    void an_invalid_file_is_reported_with_its_name() throws IOException {
        new PersistedState(directory, Mode.EXACTLY_ONCE).countCrash();
        try (Stream<Path> files = Files.list(directory)) {
            Files.writeString(files.findFirst().orElseThrow(), "processing_mode=perhaps-once\n");
        }
        assertThatThrownBy(() -> new PersistedState(directory, Mode.EXACTLY_ONCE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("stream.properties");
    }
}
