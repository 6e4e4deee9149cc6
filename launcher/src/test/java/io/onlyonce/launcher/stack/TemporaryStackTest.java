package io.onlyonce.launcher.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.platform.Directories;
import io.onlyonce.platform.RunContext.Purpose;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TemporaryStackTest {
    @Test
    void the_directory_is_deleted_at_the_end() {
        TemporaryStack stack = new TemporaryStack(false, Purpose.NORMAL);
        assertThat(stack.directory()).isDirectory();
        stack.close();
        assertThat(stack.directory()).doesNotExist();
    }

    @Test
    void the_directory_is_kept_on_request() throws IOException {
        TemporaryStack stack = new TemporaryStack(true, Purpose.NORMAL);
        stack.close();
        Path kept = stack.directory();
        assertThat(kept).isDirectory();
        Directories.delete(kept);
    }
}
