package io.onlyonce.platform;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** PostgreSQL's programs, unpacked beside their archive when they are first needed. */
final class PostgresBinaries {
    private PostgresBinaries() {}

    /** @return the folder that holds bin, lib and share; whole, however many processes ask for it at a time */
    static synchronized Path in(Path folder) throws IOException {
        Path archive = archive(folder);
        Path unpacked = folder.resolve(archive.getFileName().toString().replace(".txz", ""));
        if (isCurrent(unpacked, archive)) {
            return unpacked;
        }
        // `synchronized` keeps this JVM's threads apart, the lock keeps JVMs apart.
        try (FileChannel lock = FileChannel.open(
                        folder.resolve("unpack.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = lock.lock()) {
            if (!isCurrent(unpacked, archive)) {
                Path half = folder.resolve("unpacking");
                Directories.delete(half);
                unpack(archive, half);
                Directories.delete(unpacked);
                Files.move(half, unpacked, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        return unpacked;
    }

    private static Path archive(Path folder) throws IOException {
        try (var archives = Files.newDirectoryStream(folder, "*.txz")) {
            for (Path archive : archives) {
                return archive;
            }
        }
        throw new IOException("no archive of PostgreSQL in " + folder);
    }

    /** Another build may have brought another version. */
    private static boolean isCurrent(Path unpacked, Path archive) throws IOException {
        return Files.exists(unpacked)
                && Files.getLastModifiedTime(unpacked).compareTo(Files.getLastModifiedTime(archive)) >= 0;
    }

    private static void unpack(Path archive, Path target) throws IOException {
        try (InputStream file = new BufferedInputStream(Files.newInputStream(archive));
                var tar = new TarArchiveInputStream(new XZCompressorInputStream(file))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = entry.resolveIn(target);
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else if (entry.isSymbolicLink()) {
                    Files.createDirectories(path.getParent());
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else {
                    Files.createDirectories(path.getParent());
                    Files.copy(tar, path);
                    boolean isProgram = (entry.getMode() & 0100) != 0;
                    Files.setPosixFilePermissions(
                            path, PosixFilePermissions.fromString(isProgram ? "rwxr-xr-x" : "rw-r--r--"));
                }
            }
        }
    }
}
