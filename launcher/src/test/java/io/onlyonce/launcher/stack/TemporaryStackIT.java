package io.onlyonce.launcher.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onlyonce.platform.RunContext.Purpose;
import io.onlyonce.platform.process.Directories;
import io.onlyonce.verifier.ComponentName;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TemporaryStackIT {
    @Test
    void the_directory_is_deleted_at_the_end() {
        TemporaryStack stack = new TemporaryStack(false, Purpose.NORMAL);
        assertThat(stack.directory).isDirectory();
        stack.close();
        assertThat(stack.directory).doesNotExist();
    }

    @Test
    void the_directory_is_kept_on_request() throws IOException {
        TemporaryStack stack = new TemporaryStack(true, Purpose.NORMAL);
        stack.close();
        Path kept = stack.directory;
        assertThat(kept).isDirectory();
        Directories.delete(kept);
    }

    @Test
    void a_component_that_is_not_running_cannot_be_killed_or_frozen() {
        try (TemporaryStack faults = new TemporaryStack(false, Purpose.NORMAL)) {
            assertThat(faults.ended()).containsExactlyInAnyOrder(ComponentName.values());
            assertThatThrownBy(() -> faults.kill9(ComponentName.CONSUMER)).hasMessage("consumer ended unexpectedly");
            assertThatThrownBy(() -> faults.freeze(ComponentName.KAFKA)).hasMessage("kafka ended unexpectedly");
        }
    }
}
