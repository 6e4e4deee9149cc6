package io.onlyonce.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoriesTest {
    @TempDir
    private Path folder;

    @Test
    void a_file_is_writable_that_is_there_or_whose_folder_is() throws IOException {
        Path file = folder.resolve("result.json");
        assertThat(Directories.requireWritable(file)).isEqualTo(file);
        Files.writeString(file, "of the last run");
        assertThat(Directories.requireWritable(file)).isEqualTo(file);
        assertThat(Directories.requireWritable(Path.of("result.json"))).isRelative();
    }

    @Test
    void a_file_is_refused_that_is_a_folder_or_has_none() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Directories.requireWritable(folder))
                .withMessage(folder + " is a folder");
        Path none = folder.resolve("none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Directories.requireWritable(none.resolve("result.json")))
                .withMessage("there is no folder " + none);
    }
}
