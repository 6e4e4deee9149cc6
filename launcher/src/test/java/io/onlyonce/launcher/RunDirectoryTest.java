package io.onlyonce.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
    @TempDir
    Path root;

    @Test
    void what_a_killed_run_has_left_is_removed_by_the_next_one() throws IOException {
        Path left = Files.createDirectories(root.resolve("run-1/kafka/data")).getParent();
        Files.createFile(root.resolve("run-1/owner.lock"));
        RunDirectory next = RunDirectory.in(root);
        assertThat(left).doesNotExist();
        next.delete();
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void a_run_that_goes_on_and_one_that_was_kept_stay() throws IOException {
        RunDirectory kept = RunDirectory.in(root);
        kept.keep();
        RunDirectory going = RunDirectory.in(root);
        RunDirectory next = RunDirectory.in(root);
        assertThat(kept.path()).isDirectory();
        assertThat(going.path()).isDirectory();
        going.delete();
        next.delete();
        assertThat(root).isDirectoryContaining("glob:**/run-*");
    }
}
