package io.onlyonce.launcher.stack;

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
 * The directory of one run. Its owner holds a file lock in it, which the operating system releases when the owner ends for
 * any reason. The next run deletes directories whose lock is free.
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

    /** Creates a directory in the root and deletes abandoned directories there. */
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
            throw new UncheckedIOException("Cannot create a directory in " + root, e);
        }
    }

    private static void removeAbandoned(Path root) throws IOException {
        try (DirectoryStream<Path> runs = Files.newDirectoryStream(root, PREFIX + "*")) {
            for (Path run : runs) {
                if (isAbandoned(run.resolve(LOCK))) {
                    try {
                        Directories.delete(run);
                    } catch (IOException e) {
                        // Its processes are still ending, or it belongs to another user. The next run tries again.
                    }
                }
            }
        }
    }

    /** A directory without a lock file is being created, or is kept on request. */
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

    /** Releases the directory without deleting it, now or in a later run. */
    void keep() throws IOException {
        Files.delete(path.resolve(LOCK));
        lock.close();
    }

    void delete() throws IOException {
        Directories.delete(path);
        lock.close();
    }
}
