package io.onlyonce.launcher.stack;

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
    void the_directory_of_a_killed_run_is_deleted_by_the_next_run() throws IOException {
        Path abandoned =
                Files.createDirectories(root.resolve("run-1/kafka/data")).getParent();
        Files.createFile(root.resolve("run-1/owner.lock"));
        RunDirectory next = RunDirectory.in(root);
        assertThat(abandoned).doesNotExist();
        next.delete();
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void the_directories_of_running_and_kept_runs_are_not_deleted() throws IOException {
        RunDirectory kept = RunDirectory.in(root);
        kept.keep();
        RunDirectory running = RunDirectory.in(root);
        RunDirectory next = RunDirectory.in(root);
        assertThat(kept.path()).isDirectory();
        assertThat(running.path()).isDirectory();
        running.delete();
        next.delete();
        assertThat(root).isDirectoryContaining("glob:**/run-*");
    }
}
