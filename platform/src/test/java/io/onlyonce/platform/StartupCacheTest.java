package io.onlyonce.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartupCacheTest {
    @TempDir
    private Path root;

    @Test
    void a_cache_is_stale_if_a_library_of_the_program_is_newer() throws IOException {
        Path program = root.resolve("app");
        write("app/program.jar", 1_000);
        Path library = write("app/lib/library.jar", 2_000);
        write("program.aot", 3_000);
        assertThat(cache().isFresh(program)).isTrue();

        Files.setLastModifiedTime(library, FileTime.fromMillis(4_000));
        assertThat(cache().isFresh(program)).isFalse();
    }

    private StartupCache cache() {
        return new StartupCache(root, "program");
    }

    private Path write(String name, long millis) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, name);
        return Files.setLastModifiedTime(file, FileTime.fromMillis(millis));
    }
}
