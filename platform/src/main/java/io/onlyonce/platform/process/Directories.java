package io.onlyonce.platform.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.Set;

/** File operations that java.nio.file does not provide. */
public final class Directories {
    private static final Set<PosixFilePermission> OWNER_DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> READ_BY_OTHERS =
            Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);
    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");

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

    /** Creates a directory and its parents that only their owner can access. Restricts the directory if others can read it. */
    public static void createPrivate(Path directory) throws IOException {
        Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_DIRECTORY));
        if (!Collections.disjoint(Files.getPosixFilePermissions(directory), READ_BY_OTHERS)) {
            Files.setPosixFilePermissions(directory, OWNER_DIRECTORY);
        }
    }

    /** Writes a file that only its owner can access. */
    public static void writePrivate(Path file, String text) throws IOException {
        createPrivateFile(file);
        Files.writeString(file, text);
    }

    /** Creates a file that only its owner can access. Restricts the file if it exists. */
    static void createPrivateFile(Path file) throws IOException {
        Set<OpenOption> options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        Files.newByteChannel(file, options, PosixFilePermissions.asFileAttribute(OWNER_FILE))
                .close();
        Files.setPosixFilePermissions(file, OWNER_FILE);
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
