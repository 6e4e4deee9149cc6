package io.onlyonce.platform.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoriesTest {
    @TempDir
    private Path folder;

    @Test
    void a_directory_that_others_can_read_is_restricted() throws IOException {
        Path open = Files.createDirectory(
                folder.resolve("open"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Path nested = open.resolve("a/b");
        Directories.createPrivate(nested);
        Directories.createPrivate(open);
        for (Path created : List.of(open, nested.getParent(), nested)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(created)))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void a_private_file_is_readable_by_its_owner_only_even_if_it_existed() throws IOException {
        Path file = Files.writeString(folder.resolve("settings"), "a long text");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Directories.writePrivate(file, "short");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(file).hasContent("short");
    }

    @Test
    void a_file_is_writable_if_it_exists_or_its_directory_exists() throws IOException {
        Path file = folder.resolve("result.json");
        assertThat(Directories.requireWritable(file)).isEqualTo(file);
        Files.writeString(file, "an earlier result");
        assertThat(Directories.requireWritable(file)).isEqualTo(file);
        assertThat(Directories.requireWritable(Path.of("result.json"))).isRelative();
    }

    @Test
    void a_directory_and_a_file_without_a_directory_are_rejected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Directories.requireWritable(folder))
                .withMessage(folder + " is a directory");
        Path none = folder.resolve("none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Directories.requireWritable(none.resolve("result.json")))
                .withMessage("directory " + none + " does not exist");
    }
}
