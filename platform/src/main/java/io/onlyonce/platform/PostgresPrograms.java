package io.onlyonce.platform;

import io.onlyonce.platform.process.Directories;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** The PostgreSQL programs, and the account under which they run. */
final class PostgresPrograms {
    private static final int NOBODY = 65534;
    private static final List<String> AS_NOBODY =
            List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");

    private static final List<String> ACCOUNT = account();

    private PostgresPrograms() {}

    /**
     * Returns the command prefix that changes the account if we are root, which PostgreSQL refuses. The first choice is an
     * unmapped user namespace: in it, the process and its files belong to {@code nobody}; outside, they belong to root.
     * If user namespaces are forbidden, as in most containers, PostgreSQL runs as user 65534.
     */
    private static List<String> account() {
        if (!System.getProperty("user.name").equals("root")) {
            return List.of();
        }
        List<String> inNamespace = List.of("unshare", "--user");
        try {
            Process attempt = new ProcessBuilder(Component.concat(inNamespace, List.of("true"))).start();
            attempt.onExit().completeOnTimeout(attempt, 5, TimeUnit.SECONDS).join();
            return !attempt.isAlive() && attempt.exitValue() == 0 ? inNamespace : AS_NOBODY;
        } catch (IOException e) {
            return AS_NOBODY;
        }
    }

    /** Gives a file or directory to the account. */
    static void grant(Path path) throws IOException {
        if (ACCOUNT.equals(AS_NOBODY)) {
            Files.setAttribute(path, "unix:uid", NOBODY);
            Files.setAttribute(path, "unix:gid", NOBODY);
        }
    }

    /** Lets the account pass through a directory, without reading its list of files. */
    static void letPass(Path directory) throws IOException {
        if (ACCOUNT.equals(AS_NOBODY)) {
            Set<PosixFilePermission> permissions = new HashSet<>(Files.getPosixFilePermissions(directory));
            permissions.add(PosixFilePermission.OTHERS_EXECUTE);
            Files.setPosixFilePermissions(directory, permissions);
        }
    }

    /** Unpacks the archive of the programs at the first use. */
    static List<String> command(ProjectHome home, String program, List<String> arguments) throws IOException {
        Path executable =
                unpackedIn(home.built("platform/server/target/postgres")).resolve("bin/" + program);
        return Component.concat(ACCOUNT, List.of(executable.toString()), arguments);
    }

    private static synchronized Path unpackedIn(Path folder) throws IOException {
        Path archive = archive(folder);
        // A later build can bring another version under the same file name.
        Path unpacked =
                folder.resolve("unpacked-" + Files.getLastModifiedTime(archive).toMillis());
        if (Files.exists(unpacked)) {
            return unpacked;
        }
        // `synchronized` excludes the other threads of this JVM, and the lock excludes other JVMs.
        try (FileChannel channel = FileChannel.open(
                        folder.resolve("unpack.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            if (!Files.exists(unpacked)) {
                Path incomplete = folder.resolve("unpacking");
                Directories.delete(incomplete);
                unpack(archive, incomplete);
                Files.move(incomplete, unpacked, StandardCopyOption.ATOMIC_MOVE);
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
        throw new IOException("No PostgreSQL archive (*.txz) in " + folder);
    }

    private static void unpack(Path archive, Path target) throws IOException {
        try (var file = new BufferedInputStream(Files.newInputStream(archive));
                var tar = new TarArchiveInputStream(new XZCompressorInputStream(file))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = entry.resolveIn(target);
                Files.createDirectories(entry.isDirectory() ? path : path.getParent());
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else if (!entry.isDirectory()) {
                    Files.copy(tar, path);
                    boolean isProgram = (entry.getMode() & 0100) != 0;
                    Files.setPosixFilePermissions(
                            path, PosixFilePermissions.fromString(isProgram ? "rwxr-xr-x" : "rw-r--r--"));
                }
            }
        }
    }
}
