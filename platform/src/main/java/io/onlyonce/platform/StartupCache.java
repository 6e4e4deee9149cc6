package io.onlyonce.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A part's classes, loaded, linked and profiled in an earlier run (the JVM's AOT cache, JEP 483, 514 and 515): a service
 * that needs six seconds to start needs two with it. Part of the build's output: {@code ./lab} makes it once after a build.
 *
 * @param file where it is, or will be
 * @param newest when the newest of the files it depends on was built, in milliseconds since 1970
 */
record StartupCache(Path file, long newest) {
    /** @param program its folder, with the libraries in it: the JVM passes a cache over when any jar has changed */
    static StartupCache of(ProjectHome home, String part, Path program) {
        return new StartupCache(home.root().resolve("platform/target/startup/" + part + ".aot"), newest(program));
    }

    private static long newest(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.mapToLong(StartupCache::modified).max().orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long modified(Path path) {
        try {
            return Files.exists(path) ? Files.getLastModifiedTime(path).toMillis() : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isFresh() {
        return modified(file) > newest;
    }

    /** The flags with which a JVM uses it. One that does not fit is passed over, by us or by the JVM. */
    List<String> used() {
        return isFresh() ? List.of("-XX:AOTCache=" + file, "-Xlog:aot*=off") : List.of();
    }

    /** The flags with which a JVM writes it when it ends in good order, which takes it some seconds more. */
    List<String> made() {
        try {
            Files.createDirectories(file.getParent());
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of("-XX:AOTCacheOutput=" + file, "-Xlog:aot*=off");
    }
}
