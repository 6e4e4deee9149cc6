package io.onlyonce.launcher;

import io.onlyonce.platform.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A directory of one run. Its owner holds a lock in it, which the operating system takes back however the owner ends: so
 * the next run can tell what a killed one has left behind, and remove it.
 */
final class RunDirectory {
    private static final String PREFIX = "run-";
    private static final String LOCK = "owner.lock";

    private final Path path;
    private final FileChannel lock;

    private RunDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** A new one in the root, from which those without an owner are removed. */
    static RunDirectory in(Path root) {
        try {
            Files.createDirectories(root);
            removeAbandoned(root);
            Path path = Files.createTempDirectory(root, PREFIX);
            FileChannel lock =
                    FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            lock.lock();
            return new RunDirectory(path, lock);
        } catch (IOException e) {
            throw new UncheckedIOException("No directory can be made in " + root, e);
        }
    }

    private static void removeAbandoned(Path root) throws IOException {
        try (DirectoryStream<Path> runs = Files.newDirectoryStream(root, PREFIX + "*")) {
            for (Path run : runs) {
                if (isAbandoned(run.resolve(LOCK))) {
                    try {
                        Directories.delete(run);
                    } catch (IOException e) {
                        // Its last processes are ending just now, or it is somebody else's: the next run looks again.
                    }
                }
            }
        }
    }

    /** One without the file is just being made, or is kept on purpose. */
    private static boolean isAbandoned(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            return channel.tryLock() != null;
        } catch (IOException | OverlappingFileLockException e) {
            return false;
        }
    }

    Path path() {
        return path;
    }

    /** Leaves it for a person to look at. */
    void keep() throws IOException {
        Files.delete(path.resolve(LOCK));
        lock.close();
    }

    void delete() throws IOException {
        Directories.delete(path);
        lock.close();
    }
}
