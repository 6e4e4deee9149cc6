package io.onlyonce.platform.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** File operations that java.nio.file does not provide. */
public final class Directories {
    private Directories() {}

    /**
     * Checks before a long run that its result can be written.
     *
     * @return the file
     * @throws IllegalArgumentException with the reason
     */
    public static Path requireWritable(Path file) {
        Path directory = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException(file + " is a directory");
        }
        if (!Files.isDirectory(directory)) {
            throw new IllegalArgumentException("directory " + directory + " does not exist");
        }
        if (!Files.isWritable(Files.exists(file) ? file : directory)) {
            throw new IllegalArgumentException(file + " is not writable");
        }
        return file;
    }

    /** Deletes a directory and its contents, if it exists. Another process may delete it at the same time. */
    public static void delete(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            try (var children = Files.newDirectoryStream(path)) {
                for (Path child : children) {
                    delete(child);
                }
            } catch (NoSuchFileException e) {
                // The other process was faster.
            }
        }
        Files.deleteIfExists(path);
    }
}
