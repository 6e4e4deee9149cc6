package io.onlyonce.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The file from which a JVM loads the classes of a program faster.
 *
 * <ul>
 *   <li>An AOT cache (JEP 483, JEP 514, JEP 515) contains classes that an AOT training run loaded, linked and profiled. It
 *       reduces the start-up time of a service from about 6 s to 2 s.
 *   <li>The integration tests use a class data archive instead, because it needs no training run: the JVM writes it at its
 *       first clean shutdown. It halves the processor time of a start.
 * </ul>
 *
 * @param directory of the files, which may not exist yet
 * @param name of the component
 */
record StartupCache(Path directory, String name) {
    /** Set by the build for integration tests. */
    private static final boolean USES_ARCHIVES = Boolean.getBoolean("lab.archives");

    private Path cache() {
        return directory.resolve(name + ".aot");
    }

    private Path archive() {
        return directory.resolve(name + ".jsa");
    }

    /** Whether no jar of the program is newer than the AOT cache. The JVM ignores the cache if any jar has changed. */
    boolean isFresh(Path program) throws IOException {
        long created = cache().toFile().lastModified();
        try (Stream<Path> files = Files.walk(program)) {
            return files.filter(Files::isRegularFile)
                    .allMatch(path -> path.toFile().lastModified() < created);
        }
    }

    /** Whether the next clean shutdown is used to write the class data archive. */
    boolean lacksArchive() {
        return USES_ARCHIVES && !Files.exists(cache()) && !Files.exists(archive());
    }

    /**
     * The JVM flags for a start. A normal run uses no cache if it is stale or missing. In an AOT training run, the JVM then
     * writes the cache during its clean shutdown.
     *
     * @param program directory with the program and its libraries
     */
    List<String> flags(Path program, RunContext.Purpose purpose) throws IOException {
        if (isFresh(program)) {
            return List.of("-XX:AOTCache=" + cache(), "-Xlog:aot*=off");
        }
        if (purpose == RunContext.Purpose.AOT_TRAINING) {
            Files.createDirectories(directory);
            Files.deleteIfExists(cache());
            return List.of("-XX:AOTCacheOutput=" + cache(), "-Xlog:aot*=off");
        }
        if (USES_ARCHIVES) {
            Files.createDirectories(directory);
            // The JVM ignores an archive of other jars, and writes a new one.
            return List.of(
                    "-XX:+AutoCreateSharedArchive", "-XX:SharedArchiveFile=" + archive(), "-Xlog:cds*=off,aot*=off");
        }
        return List.of();
    }
}
